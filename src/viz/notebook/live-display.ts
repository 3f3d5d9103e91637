import { randomUUID } from 'node:crypto';
import { displayRoute, toMessage } from './display';

export interface LiveDisplayOptions {
  /** The least time between two updates, in milliseconds. Default 500. */
  interval?: number;
}

/** An output that is replaced in place. */
export interface LiveDisplay {
  /**
   * Shows something new, at once or when the interval is over; of several that come within it the
   * last is shown.
   * @param object what to show, or a function that makes it (or a promise of it), called only when
   *   it is shown
   */
  update(object: unknown): void;
  /**
   * Shows the final state, which the saved notebook keeps: the given object, otherwise the last one
   * of `update`. Later updates are ignored.
   * @throws whatever making or sending an update threw
   */
  done(object?: unknown): Promise<void>;
}

const NOTHING = Symbol('nothing');

/** Opens an output whose content follows a process, such as a training, and stays as one output. */
export function liveDisplay({ interval = 500 }: LiveDisplayOptions = {}): LiveDisplay {
  const send = displayRoute();
  const displayId = randomUUID();
  let pending: unknown = NOTHING;
  let timer: NodeJS.Timeout | undefined;
  let shownAt = -Infinity;
  let isFirst = true;
  let isDone = false;
  let error: unknown = NOTHING;
  // One message after the other, however long each takes to make.
  let queue = Promise.resolve();

  const show = (): void => {
    timer = undefined;
    if (pending === NOTHING) return;
    const object = pending;
    pending = NOTHING;
    shownAt = performance.now();
    queue = queue.then(async () => {
      try {
        const message = await toMessage(
          typeof object === 'function' ? await object() : object,
          displayId,
        );
        send(message, !isFirst);
        isFirst = false;
      } catch (caught) {
        if (error === NOTHING) error = caught;
      }
    });
  };

  return {
    update(object) {
      if (isDone) return;
      pending = object;
      const wait = shownAt + interval - performance.now();
      if (wait <= 0) {
        clearTimeout(timer);
        show();
      } else {
        timer ??= setTimeout(show, wait).unref();
      }
    },
    async done(...final) {
      if (!isDone) {
        isDone = true;
        clearTimeout(timer);
        if (final.length > 0) pending = final[0];
        show();
      }
      await queue;
      if (error !== NOTHING) throw error;
    },
  };
}
