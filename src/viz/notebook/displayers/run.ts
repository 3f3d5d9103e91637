import { epochsOf } from '../../../lib/runs/run-config';
import type { RunConfig } from '../../../lib/runs/run-config';
import { lossCurve } from '../../charts/loss-curve';
import {
  DISPLAY_METADATA,
  JUPYTER_DISPLAY,
  type Displayable,
  type MimeMetadata,
} from '../../display/mime-bundle';
import { factsTable, folderName, runFacts, runInWords } from './facts';
import type { Displayer } from './facts';

interface Epoch {
  epoch: number;
  loss: number;
}

/** What is used of a `RunFolder`. */
interface Run {
  folder: string;
  exists: boolean;
  finished: boolean;
  readEpochs(): unknown;
  readJson(name: string): unknown;
}

/** What a training returned, or the folder of a run, as its loss curve; a run without epochs by its settings. */
export const displayRun: Displayer = (object) => {
  const { status, epochs } = object as { status?: unknown; epochs?: unknown };
  if (typeof status === 'string' && isHistory(epochs)) return curve(`training, ${status}`, epochs);
  return isRun(object) ? displayFolder(object) : null;
};

function isRun(object: object): object is Run {
  const { folder, readEpochs, readJson } = object as Partial<Run>;
  return (
    typeof folder === 'string' && typeof readEpochs === 'function' && typeof readJson === 'function'
  );
}

function displayFolder(run: Run): Displayable {
  const name = folderName(run.folder);
  if (!run.exists) return factsTable(['Run', name], [['state', 'not begun']]);
  const config = run.readJson('config.json') as RunConfig;
  const epochs = run.readEpochs();
  const wanted = epochsOf(config.config);
  if (wanted === 0) {
    const state = run.finished ? 'finished' : 'not finished';
    return factsTable(['Run', name], [...runFacts(config), ['state', state]]);
  }
  if (!isHistory(epochs)) {
    return factsTable(['Run', name], [...runFacts(config), ['state', 'no epoch is complete yet']]);
  }
  const state = run.finished ? 'finished' : `epoch ${epochs.length} of ${wanted}`;
  return curve(name, epochs, `${runInWords(config)}; ${state}`);
}

/** With no epoch yet there is nothing to draw, and the object shows as what it is. */
function isHistory(value: unknown): value is Epoch[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((record: Partial<Epoch> | null) => typeof record?.loss === 'number')
  );
}

function curve(name: string, records: readonly Epoch[], subtitle?: string): Displayable {
  let metadata: MimeMetadata = {};
  return {
    [JUPYTER_DISPLAY]: async () => {
      const history = {
        name,
        loss: records.map(({ loss }) => loss),
        epochs: records.map(({ epoch }) => epoch),
      };
      const chart = await lossCurve([history], { title: `Training loss: ${name}`, subtitle });
      metadata = chart[DISPLAY_METADATA]();
      return chart[JUPYTER_DISPLAY]();
    },
    // Asked for after the bundle.
    [DISPLAY_METADATA]: () => metadata,
  };
}
