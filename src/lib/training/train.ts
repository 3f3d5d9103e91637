import { Random } from '../random/random';
import type { NamedArrays } from '../weights/named-arrays';
import type { Batch, Recipe } from './recipe';
import type { EpochRecord, Progress, RunFolder } from './run-folder';

/** Training that has diverged: a number that is not finite, or a loss far above the lowest reached. */
export class TrainingDivergedError extends Error {
  override readonly name = 'TrainingDivergedError';

  /** @param loss the last loss, itself finite when it is the parameters that broke */
  constructor(
    readonly epoch: number,
    readonly loss: number,
    expected: string,
    found: string,
  ) {
    super(
      `Training diverged in epoch ${epoch}: expected ${expected}, found ${found}. ` +
        `${epoch > 1 ? 'What was saved before is kept. ' : ''}` +
        'A smaller learning rate or protocol B may help.',
    );
  }
}

/**
 * @param loss of one step or epoch
 * @param lowest the lowest epoch loss so far; undefined in the first epoch
 * @param factor null: any finite loss will do
 */
export function checkDivergence(
  loss: number,
  lowest: number | undefined,
  factor: number | null,
  epoch: number,
): void {
  if (!Number.isFinite(loss)) {
    throw new TrainingDivergedError(epoch, loss, 'a finite loss', `a loss of ${loss}`);
  }
  if (lowest !== undefined && factor !== null && loss > factor * lowest) {
    const expected = `at most ${factor} times the lowest epoch loss, ${lowest.toPrecision(4)}`;
    throw new TrainingDivergedError(epoch, loss, expected, `a loss of ${loss}`);
  }
}

/**
 * A step with a finite loss can still leave parameters that are not finite. They must not replace the last good
 * checkpoint; the loss of the next step would show it too late.
 */
export function checkState(state: NamedArrays, loss: number, epoch: number): void {
  for (const [name, { data }] of state) {
    // A plain loop: of tens of millions of numbers, one call each would take a third of a second.
    for (let i = 0; i < data.length; i++) {
      if (Number.isFinite(data[i])) continue;
      throw new TrainingDivergedError(epoch, loss, `finite numbers in "${name}"`, String(data[i]));
    }
  }
}

/** What the loop needs from the training images. */
export interface BatchSource<B = Batch> {
  count: number;
  /**
   * The loop disposes of the batch after the step.
   *
   * @param epoch counted from 1, for images that are made anew in each
   */
  batch(indices: readonly number[], epoch: number): B & { dispose?(): void };
}

export interface TrainPlan {
  epochs: number;
  batchSize: number;
  /** Steps of an epoch, over as many passes as they take. Null or left out: one pass. */
  epochSteps?: number | null;
  /** End after so many epochs without a lower validation value. Null or left out: never before `epochs`. */
  patience?: number | null;
  /** Seeds the order of the images in each epoch. */
  seed: number;
  /**
   * Training has diverged when an epoch's loss exceeds the lowest so far by this factor. Null, where ratios of losses
   * say nothing: below 0, or between networks that play against each other.
   */
  divergenceFactor: number | null;
}

export interface StepEvent {
  epoch: number;
  epochs: number;
  step: number;
  steps: number;
  /** Mean per-image loss of the epoch so far. */
  loss: number;
}

export interface TrainOptions {
  /** Stops after the step in progress, with everything saved. */
  signal?: AbortSignal;
  /** Protocol B: a measure of the current model; the model of the epoch where it is smallest is kept. */
  validate?: () => Promise<number>;
  /** Further numbers on the model after each epoch, for its record. They decide nothing. */
  measure?: () => Promise<Record<string, number>>;
  /** Stored in the header of the model file. */
  modelMetadata?: Record<string, string>;
  /**
   * Seconds of training that a killed process may lose: model and state are written after the first epoch that ends so
   * long after the last save, when training is stopped, and at the end. Default 30: state and model of a joint training
   * take 220 MB, and writing them after every epoch can take as long as the epoch.
   */
  saveSeconds?: number;
  onStep?: (event: StepEvent) => void;
  onEpoch?: (record: EpochRecord, records: readonly EpochRecord[]) => void;
}

export interface TrainResult {
  status: 'finished' | 'interrupted';
  epochs: EpochRecord[];
  /** The epoch whose model was kept; null if none is complete. */
  modelEpoch: number | null;
}

/**
 * The images of one epoch in their order, cut into batches; the last of a pass may be smaller. A pure function of the
 * seed.
 *
 * @param steps how many batches, over as many passes as they take, each in an order of its own; null: one pass
 */
export function epochBatches(
  count: number,
  batchSize: number,
  seed: number,
  epoch: number,
  steps: number | null = null,
): number[][] {
  const batches: number[][] = [];
  for (let pass = 1; pass === 1 || (count > 0 && batches.length < (steps ?? 0)); pass++) {
    const order = Random.fromSeed(seed)
      .fork(`order of epoch ${epoch}${pass > 1 ? `, pass ${pass}` : ''}`)
      .shuffle(Array.from({ length: count }, (_, i) => i));
    for (let start = 0; start < count; start += batchSize)
      batches.push(order.slice(start, start + batchSize));
  }
  return batches.slice(0, steps ?? batches.length);
}

/**
 * Whether nothing more is to be trained: all epochs are done, or the validation value has not fallen for `patience`
 * epochs.
 */
export function isTrained(
  records: readonly EpochRecord[],
  { epochs, patience = null }: Pick<TrainPlan, 'epochs' | 'patience'>,
): boolean {
  if (records.length >= epochs) return true;
  if (patience === null) return false;
  const values = records.map(({ validation = -Infinity }) => validation);
  // Without validation values the last epoch counts as the best, so that nothing ends early.
  const best = values.reduce((at, value, i) => (value < values[at] ? i : at), 0);
  return values[0] !== -Infinity && values.length - 1 - best >= patience;
}

async function validated(
  validate: () => Promise<number>,
  { epoch, loss }: EpochRecord,
): Promise<number> {
  const validation = await validate();
  if (Number.isFinite(validation)) return validation;
  throw new TrainingDivergedError(epoch, loss, 'a finite validation value', String(validation));
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * The training loop for every recipe. Goes on from the run folder's state, if there is one, with the same numbers as
 * if it had never stopped: the order of the images depends on seed and epoch alone, and the state holds the rest.
 *
 * @throws TrainingDivergedError; the run folder keeps the last state that was saved
 */
export async function train<B = Batch>(
  recipe: Recipe<B>,
  data: BatchSource<B>,
  plan: TrainPlan,
  run: RunFolder,
  options: TrainOptions = {},
): Promise<TrainResult> {
  const saved = run.loadState();
  const progress: Progress = saved?.progress ?? { records: [], step: 0, sums: {}, seconds: 0 };
  if (saved) run.naming('state.safetensors', () => recipe.restore(saved.arrays));
  const { records } = progress;
  // A process that was killed before it could save its state leaves a line too many.
  run.writeEpochs(records);

  const modelEpoch = () => progress.best?.epoch ?? (records.length > 0 ? records.length : null);
  let lastLoss = NaN;
  let lastSave = performance.now();
  // The model that the protocol selects, while the file still holds an older one.
  let unwritten: { arrays: NamedArrays; epoch: number } | null = null;
  /** The state last: what a process killed in between has written is written again by the one that resumes. */
  const save = (state: NamedArrays) => {
    if (unwritten) {
      const metadata = { ...options.modelMetadata, epoch: String(unwritten.epoch) };
      run.saveModel(unwritten.arrays, metadata);
      unwritten = null;
    }
    run.saveState(state, progress);
    lastSave = performance.now();
  };

  while (!isTrained(records, plan)) {
    const epoch = records.length + 1;
    const batches = epochBatches(data.count, plan.batchSize, plan.seed, epoch, plan.epochSteps);
    let seen = batches.slice(0, progress.step).reduce((sum, batch) => sum + batch.length, 0);

    while (progress.step < batches.length) {
      if (options.signal?.aborted) {
        const state = recipe.state();
        checkState(state, lastLoss, epoch);
        save(state);
        return { status: 'interrupted', epochs: records, modelEpoch: modelEpoch() };
      }
      const indices = batches[progress.step];
      const start = performance.now();
      const batch = data.batch(indices, epoch);
      const numbers = recipe.step(batch, epoch);
      batch.dispose?.();
      lastLoss = numbers.loss;
      checkDivergence(lastLoss, undefined, plan.divergenceFactor, epoch);
      for (const [name, value] of Object.entries(numbers)) {
        const weight = recipe.perStep?.has(name) ? 1 : indices.length;
        progress.sums[name] = (progress.sums[name] ?? 0) + value * weight;
      }
      seen += indices.length;
      progress.step += 1;
      progress.seconds += (performance.now() - start) / 1000;
      options.onStep?.({
        epoch,
        epochs: plan.epochs,
        step: progress.step,
        steps: batches.length,
        loss: progress.sums.loss / seen,
      });
      // TensorFlow's ops block the thread; signals, timers and a notebook's messages get their turn here.
      await nextTurn();
    }

    const means = Object.fromEntries(
      Object.entries(progress.sums).map(([name, sum]) => [
        name,
        sum / (recipe.perStep?.has(name) ? batches.length : seen),
      ]),
    );
    checkDivergence(means.loss, progress.lowestLoss, plan.divergenceFactor, epoch);
    const record: EpochRecord = { epoch, loss: means.loss, ...means, seconds: progress.seconds };
    const isDue =
      epoch === plan.epochs || performance.now() - lastSave >= 1000 * (options.saveSeconds ?? 30);
    const stateNow = () => {
      const state = recipe.state();
      checkState(state, means.loss, epoch);
      return state;
    };
    let state = isDue ? stateNow() : null;
    if (options.measure) Object.assign(record, await options.measure());
    if (options.validate) record.validation = await validated(options.validate, record);
    if (
      record.validation === undefined ||
      record.validation < (progress.best?.validation ?? Infinity)
    ) {
      unwritten = { arrays: recipe.model(), epoch };
      if (record.validation !== undefined) progress.best = { epoch, validation: record.validation };
    }
    records.push(record);
    run.writeEpochs(records);
    progress.lowestLoss = Math.min(progress.lowestLoss ?? Infinity, record.loss);
    progress.step = 0;
    progress.sums = {};
    progress.seconds = 0;
    if (!state && isTrained(records, plan)) state = stateNow();
    if (state) save(state);
    options.onEpoch?.(record, records);
    await nextTurn();
  }
  return { status: 'finished', epochs: records, modelEpoch: modelEpoch() };
}
