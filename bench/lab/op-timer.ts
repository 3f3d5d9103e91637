import { nativeBackend } from '../../src/lib/engine/index';

/** What one kind of op took. */
export interface OpTime {
  calls: number;
  seconds: number;
}

interface Metadata {
  shape: number[];
}

type Call = (...args: unknown[]) => unknown;

/** The addon's functions, all that the lab's time can go into besides JavaScript. */
const TIMED = ['executeOp', 'createTensor', 'deleteTensor', 'tensorDataSync'];

/**
 * Times each call into the native library from now on. Ops run synchronously, so a call's time is the op's.
 *
 * @param byShape keep ops apart by the shape of their first output, e.g. "Conv2D [32,64,64,64]"
 * @returns the times by op; the caller may clear them
 */
export function timeOps(byShape: boolean): Map<string, OpTime> {
  const times = new Map<string, OpTime>();
  const backend = nativeBackend() as unknown as { binding: Record<string, Call> };
  const original = backend.binding;
  const timed: Record<string, Call> = Object.create(original) as Record<string, Call>;
  for (const name of TIMED) {
    const timedCall: Call = (...args) => {
      const begin = performance.now();
      const result = original[name](...args);
      const seconds = (performance.now() - begin) / 1000;
      let key = name === 'executeOp' ? (args[0] as string) : name;
      if (byShape && name === 'executeOp') {
        key += ` [${(result as Metadata[])[0]?.shape.join() ?? ''}]`;
      }
      const time = times.get(key) ?? { calls: 0, seconds: 0 };
      times.set(key, { calls: time.calls + 1, seconds: time.seconds + seconds });
      return result;
    };
    // The addon's own properties are read-only, which forbids an assignment here too.
    Object.defineProperty(timed, name, { value: timedCall });
  }
  backend.binding = timed;
  return times;
}
