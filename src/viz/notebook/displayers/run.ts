import { lossCurve } from '../../charts/loss-curve';
import { JUPYTER_DISPLAY, type Displayable } from '../mime-bundle';
import type { Displayer } from './displayer';

interface Epoch {
  epoch: number;
  loss: number;
}

/** What a training returned, or the folder of a run, as its loss curve. */
export const displayRun: Displayer = (object) => {
  const { status, epochs } = object as { status?: unknown; epochs?: unknown };
  if (typeof status === 'string' && isHistory(epochs)) return curve(`training, ${status}`, epochs);
  const { folder, readEpochs } = object as { folder?: unknown; readEpochs?: () => unknown };
  if (typeof folder !== 'string' || typeof readEpochs !== 'function') return null;
  const read = readEpochs.call(object);
  return isHistory(read) ? curve(folder, read) : null;
};

/** With no epoch yet there is nothing to draw, and the object shows as what it is. */
function isHistory(value: unknown): value is Epoch[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((record: Partial<Epoch>) => typeof record?.loss === 'number')
  );
}

function curve(name: string, records: readonly Epoch[]): Displayable {
  return {
    [JUPYTER_DISPLAY]: async () => {
      const history = {
        name,
        loss: records.map(({ loss }) => loss),
        epochs: records.map(({ epoch }) => epoch),
      };
      return (await lossCurve([history]))[JUPYTER_DISPLAY]();
    },
  };
}
