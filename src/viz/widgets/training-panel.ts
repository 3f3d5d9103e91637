import type { EpochRecord } from '../../lib/training/run-folder';
import type { StepEvent } from '../../lib/training/train';
import { cellSignal } from '../notebook/cell-signal';
import { liveDisplay } from '../notebook/live-display';
import { trainingProgress } from '../notebook/training-progress';
import { pageModule, pageStyle } from './page-module';
import { widget } from './widget';

export interface TrainingPanelOptions {
  /** Epochs planned. */
  epochs: number;
  /** Default "Training". */
  title?: string;
}

/** What a training takes, and the panel follows and stops it by. */
export interface TrainingHooks {
  /** Aborts at the panel's button, and when the cell is interrupted. */
  signal: AbortSignal;
  onPrepare(phase: string, done: number, total: number): void;
  onStep(event: StepEvent): void;
  onEpoch(record: EpochRecord, records: readonly EpochRecord[]): void;
}

/** What the panel shows of a training's end. */
export interface TrainingOutcome {
  status: 'finished' | 'interrupted';
  epochs: readonly EpochRecord[];
}

/** What the panel's cell and page share. */
export type TrainingPanelState = {
  title: string;
  epochs: number;
  /** How far it is: epochs that are done, and the share of the next. */
  done: number;
  phase: 'preparing' | 'training' | 'finished' | 'stopped' | 'failed';
  /** One line of text. */
  text: string;
  /** Of each epoch: the loss, and what else the recipe measures of it. */
  curves: { name: string; values: number[] }[];
  /** Set by the page: the button was pressed. */
  isStopAsked: boolean;
};

/** The least time between two changes of the page, in milliseconds. */
const INTERVAL = 250;

/** Numbers of an epoch that are no curves of a loss. */
const NO_LOSSES = new Set(['epoch', 'seconds']);

/**
 * Follows a training: loss curves, how far it is, and a button that stops it. Without widgets it is the picture of the
 * loss curve at the end.
 *
 * @param train is given what `trainDetector` takes among its options
 * @returns what `train` returns, once the panel shows the end
 * @throws what `train` throws
 */
export async function trainingPanel<Result extends TrainingOutcome>(
  { epochs, title = 'Training' }: TrainingPanelOptions,
  train: (hooks: TrainingHooks) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController();
  const ofCell = cellSignal();
  const signal = ofCell ? AbortSignal.any([ofCell, stop.signal]) : stop.signal;
  let records: readonly EpochRecord[] = [];
  let phase: TrainingPanelState['phase'] = 'failed';
  const panel = widget<TrainingPanelState>({
    model: {
      ...{ title, epochs, done: 0, phase: 'preparing', text: '', curves: [] },
      isStopAsked: false,
    },
    get render() {
      return pageModule('training-panel');
    },
    get css() {
      return pageStyle();
    },
    still: () =>
      trainingProgress(
        { epoch: records.length, epochs, loss: records.map(({ loss }) => loss) },
        { title, finished: phase === 'finished' },
      ),
  });
  panel.onChange(() => {
    if (panel.state.isStopAsked) stop.abort();
  });
  let shownAt = -Infinity;
  let shownEpochs = 0;
  let waiting: Partial<TrainingPanelState> = {};
  /** At once, or together with what comes later, so that the page is not asked too often. */
  const show = (state: Partial<TrainingPanelState>, isLast = false) => {
    Object.assign(waiting, state);
    if (!isLast && performance.now() - shownAt < INTERVAL) return;
    if (records.length !== shownEpochs) waiting.curves = curvesOf(records);
    panel.set(waiting);
    [shownAt, shownEpochs, waiting] = [performance.now(), records.length, {}];
  };
  const output = liveDisplay();
  output.update(panel);
  try {
    const result = await train({
      signal,
      onPrepare: (what, done, total) => show({ text: `${what}: ${done} of ${total}` }),
      onStep: ({ epoch, step, steps, loss }) =>
        show({
          phase: 'training',
          done: epoch - 1 + step / steps,
          text: `epoch ${epoch} of ${epochs}, step ${step} of ${steps}, loss ${loss.toPrecision(4)}`,
        }),
      onEpoch: (_, all) => {
        records = all;
        show({ phase: 'training', done: all.length });
      },
    });
    phase = result.status === 'finished' ? 'finished' : 'stopped';
    records = result.epochs;
    return result;
  } finally {
    const last = records[records.length - 1];
    const loss = last === undefined ? '' : `, loss ${last.loss.toPrecision(4)}`;
    const text = `${phase} after ${records.length} of ${epochs} epochs${loss}`;
    show({ phase, done: records.length, text }, true);
    await output.done(panel);
  }
}

function curvesOf(records: readonly EpochRecord[]): TrainingPanelState['curves'] {
  const names = Object.keys(records[0] ?? {}).filter((name) => !NO_LOSSES.has(name));
  return names.map((name) => ({ name, values: records.map((record) => record[name] ?? NaN) }));
}
