import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { RunFolder } from '../../src/lib/training/run-folder';
import type { Progress } from '../../src/lib/training/run-folder';
import { epochBatches, train } from '../../src/lib/training/train';
import type { TrainOptions, TrainResult } from '../../src/lib/training/train';
import { readSafetensors, writeSafetensors } from '../../src/lib/weights/safetensors';
import type { NamedArrays } from '../../src/lib/weights/named-arrays';
import { useTemporaryFolder } from '../weights/temporary-folder';
import { toyData, ToyRecipe } from './toy-recipe';

const COUNT = 7;
const PLAN = { epochs: 4, batchSize: 3, seed: 5, divergenceFactor: 5 };
const STEPS = 3;
/** As if every epoch took longer than training goes without saving. */
const SAVE_ALWAYS: TrainOptions = { saveSeconds: 0 };

/** A folder whose process is killed before or after one of its writes. */
class MortalRunFolder extends RunFolder {
  writes = 0;

  constructor(
    folder: string,
    private readonly lastWrite: number,
    private readonly when: 'before' | 'after',
  ) {
    super(folder);
  }

  override saveModel(...args: Parameters<RunFolder['saveModel']>): void {
    this.write(() => super.saveModel(...args));
  }

  override saveState(...args: Parameters<RunFolder['saveState']>): void {
    this.write(() => super.saveState(...args));
  }

  override writeEpochs(...args: Parameters<RunFolder['writeEpochs']>): void {
    this.write(() => super.writeEpochs(...args));
  }

  private write(work: () => void): void {
    this.writes++;
    const last = this.writes === this.lastWrite;
    if (last && this.when === 'before') throw new Error('killed');
    work();
    if (last) throw new Error('killed');
  }
}

class CountingRunFolder extends RunFolder {
  models = 0;
  states = 0;

  override saveModel(...args: Parameters<RunFolder['saveModel']>): void {
    this.models++;
    super.saveModel(...args);
  }

  override saveState(...args: Parameters<RunFolder['saveState']>): void {
    this.states++;
    super.saveState(...args);
  }
}

describe('train', () => {
  const inFolder = useTemporaryFolder();

  /** Everything that a run leaves behind, but for how long it took. */
  function outcome(run: RunFolder, { status, modelEpoch }: TrainResult) {
    const { arrays, progress } = run.loadState()!;
    const timeless = (records: Progress['records']) =>
      records.map((record) => ({ ...record, seconds: 0 }));
    return {
      status,
      modelEpoch,
      epochs: timeless(run.readEpochs()),
      model: readFileSync(run.file('model.safetensors')),
      arrays,
      progress: { ...progress, records: timeless(progress.records), seconds: 0 },
    };
  }

  const full = async (name = 'full', options: TrainOptions = {}) => {
    const run = new RunFolder(inFolder(name));
    return outcome(run, await train(new ToyRecipe(), toyData(COUNT), PLAN, run, options));
  };

  it('trains on the batches of each epoch in turn and records the mean loss over its images', async () => {
    const run = new RunFolder(inFolder('run'));
    const data = toyData(COUNT);
    const result = await train(new ToyRecipe(), data, PLAN, run);
    assert.equal(result.status, 'finished');
    assert.equal(result.modelEpoch, 4);
    const epochs = [1, 2, 3, 4];
    assert.deepEqual(
      data.served,
      epochs.flatMap((epoch) => epochBatches(COUNT, 3, PLAN.seed, epoch)),
    );

    // The same steps by hand.
    const recipe = new ToyRecipe();
    for (const epoch of epochs) {
      let [loss, weight] = [0, 0];
      for (const batch of epochBatches(COUNT, 3, PLAN.seed, epoch)) {
        const numbers = recipe.step({ images: batch } as never);
        loss += numbers.loss * batch.length;
        weight += numbers.weight * batch.length;
      }
      const { seconds, ...record } = result.epochs[epoch - 1];
      assert.deepEqual(record, { epoch, loss: loss / COUNT, weight: weight / COUNT });
      assert.ok(seconds >= 0);
    }
    assert.deepEqual(run.readEpochs(), result.epochs);
    const { arrays, metadata } = readSafetensors(run.file('model.safetensors'));
    assert.deepEqual(arrays, recipe.model());
    assert.deepEqual(metadata, { epoch: '4' });
  });

  it('goes over few images as often as the steps of an epoch take, and means over all of them', async () => {
    const plan = { ...PLAN, epochs: 2, epochSteps: 8 };
    const run = new RunFolder(inFolder('run'));
    const data = toyData(COUNT);
    const { epochs } = await train(new ToyRecipe(), data, plan, run);
    assert.equal(epochs.length, 2);
    assert.equal(data.served.length, 16);
    // Two passes over 7 images in batches of 3, 3 and 1, then the first two batches of a third.
    assert.deepEqual(
      data.served.slice(0, 8).map(({ length }) => length),
      [3, 3, 1, 3, 3, 1, 3, 3],
    );
    const passes = [data.served.slice(0, 3), data.served.slice(3, 6)].map((pass) => pass.flat());
    for (const pass of passes) assert.deepEqual([...pass].sort(), [0, 1, 2, 3, 4, 5, 6]);
    assert.notDeepEqual(passes[0], passes[1]);

    const recipe = new ToyRecipe();
    let sum = 0;
    for (const batch of data.served.slice(0, 8)) {
      sum += recipe.step({ images: batch } as never).loss * batch.length;
    }
    assert.equal(epochs[0].loss, sum / 20);
  });

  it('ends once the validation value has not fallen for as many epochs as patience lasts, at any resumption too', async () => {
    const values = [5, 4, 4.5, 4.2, 3, 1];
    const plan = { ...PLAN, epochs: 6, patience: 2 };
    const run = new RunFolder(inFolder('run'));
    const validate = async () => values[run.readEpochs().length];
    const result = await train(new ToyRecipe(), toyData(COUNT), plan, run, { validate });
    assert.equal(result.status, 'finished');
    assert.deepEqual([result.epochs.length, result.modelEpoch], [4, 2]);
    // The state was saved with the last epoch, though saving was not due.
    assert.equal(run.loadState()!.progress.records.length, 4);

    const recipe = new ToyRecipe();
    const again = await train(recipe, toyData(COUNT), plan, run, { validate });
    assert.deepEqual([recipe.steps, again.epochs.length], [0, 4]);
    const patient = { ...plan, patience: 3 };
    const longer = await train(recipe, toyData(COUNT), patient, run, { validate });
    assert.deepEqual([longer.epochs.length, longer.modelEpoch], [6, 6]);
  });

  it('does not end early without validation values', async () => {
    const run = new RunFolder(inFolder('run'));
    const plan = { ...PLAN, patience: 1 };
    const { epochs } = await train(new ToyRecipe(), toyData(COUNT), plan, run);
    assert.equal(epochs.length, PLAN.epochs);
  });

  it('tells of every step and every epoch', async () => {
    const steps: string[] = [];
    const epochs: string[] = [];
    await full('run', {
      onStep: ({ epoch, step, steps: all, epochs: last, loss }) => {
        assert.ok(Number.isFinite(loss));
        steps.push(`${epoch}/${last} ${step}/${all}`);
      },
      onEpoch: ({ epoch }, records) => epochs.push(`${epoch} of ${records.length}`),
    });
    assert.deepEqual(steps.slice(0, 4), ['1/4 1/3', '1/4 2/3', '1/4 3/3', '2/4 1/3']);
    assert.equal(steps.length, 4 * STEPS);
    assert.deepEqual(epochs, ['1 of 1', '2 of 2', '3 of 3', '4 of 4']);
  });

  it('goes on from an interruption after any step with the numbers of an uninterrupted run', async () => {
    const expected = await full();
    for (let last = 0; last <= 4 * STEPS; last++) {
      const run = new RunFolder(inFolder(`interrupted ${last}`));
      const controller = new AbortController();
      if (last === 0) controller.abort();
      let steps = 0;
      const options: TrainOptions = {
        signal: controller.signal,
        onStep: () => {
          if (++steps === last) controller.abort();
        },
      };
      const first = await train(new ToyRecipe(), toyData(COUNT), PLAN, run, options);
      // After the last step of all there is nothing left to interrupt.
      assert.equal(first.status, last === 4 * STEPS ? 'finished' : 'interrupted');
      assert.equal(steps, last);
      assert.equal(first.epochs.length, Math.floor(last / STEPS));
      assert.equal(first.modelEpoch, Math.floor(last / STEPS) || null);

      const recipe = new ToyRecipe();
      const shown: number[] = [];
      const second = await train(recipe, toyData(COUNT), PLAN, run, {
        onStep: ({ epoch, loss }) => (shown[epoch - 1] = loss),
      });
      assert.equal(recipe.steps, 4 * STEPS - last);
      // The loss shown with an epoch's last step is the epoch's.
      shown.forEach((loss, i) => assert.equal(loss, second.epochs[i].loss));
      assert.deepEqual(outcome(run, second), expected);
    }
  });

  it('goes on from a death at any moment, losing at most the epoch in progress', async () => {
    const plan = { ...PLAN, epochs: 3 };
    const validations = [0.5, 0.3, 0.4];
    const validating = (recipe: ToyRecipe, run: RunFolder): TrainOptions => ({
      ...SAVE_ALWAYS,
      validate: async () => validations[run.readEpochs().length] + 0 * recipe.value,
    });
    for (const protocol of ['A', 'B']) {
      const options = (recipe: ToyRecipe, run: RunFolder) =>
        protocol === 'B' ? validating(recipe, run) : SAVE_ALWAYS;
      const whole = new MortalRunFolder(inFolder(`whole ${protocol}`), Infinity, 'after');
      const recipe = new ToyRecipe();
      const result = await train(recipe, toyData(COUNT), plan, whole, options(recipe, whole));
      const expected = outcome(whole, result);
      assert.ok(whole.writes > 6);

      for (let write = 1; write <= whole.writes; write++) {
        for (const when of ['before', 'after'] as const) {
          const folder = inFolder(`${protocol} killed ${when} write ${write}`);
          const mortal = new MortalRunFolder(folder, write, when);
          const first = new ToyRecipe();
          await assert.rejects(
            train(first, toyData(COUNT), plan, mortal, options(first, mortal)),
            /killed/,
          );
          const run = new RunFolder(folder);
          const saved = run.loadState()?.progress.records.length ?? 0;
          const second = new ToyRecipe();
          const resumed = await train(second, toyData(COUNT), plan, run, options(second, run));
          assert.deepEqual(outcome(run, resumed), expected);
          assert.equal(second.steps, (3 - saved) * STEPS);
          assert.ok(first.steps - saved * STEPS <= STEPS, 'more than one epoch was lost');
        }
      }
    }
  });

  it('goes on from a death within an epoch, however long ago it saved', async () => {
    const expected = await full();
    for (const saveSeconds of [0, Infinity]) {
      for (let last = 1; last <= 4 * STEPS; last++) {
        const run = new RunFolder(inFolder(`killed ${last}, saving after ${saveSeconds} s`));
        const dying = new ToyRecipe((step, loss) => {
          if (step === last) throw new Error('killed');
          return loss;
        });
        await assert.rejects(train(dying, toyData(COUNT), PLAN, run, { saveSeconds }), /killed/);
        assert.equal(existsSync(run.file('state.safetensors')), saveSeconds === 0 && last > STEPS);
        assert.equal(run.readEpochs().length, Math.floor((last - 1) / STEPS));
        assert.deepEqual(
          outcome(run, await train(new ToyRecipe(), toyData(COUNT), PLAN, run)),
          expected,
        );
      }
    }
  });

  it('writes model and state once in a training that is shorter than the time between saves', async () => {
    for (const [options, saves] of [
      [{}, 1],
      [SAVE_ALWAYS, PLAN.epochs],
    ] as [TrainOptions, number][]) {
      const run = new CountingRunFolder(inFolder(`${saves} saves`));
      await train(new ToyRecipe(), toyData(COUNT), PLAN, run, options);
      assert.deepEqual([run.models, run.states], [saves, saves]);
    }
  });

  it('writes metrics.jsonl anew when it was cut short, emptied, lengthened or lost', async () => {
    const expected = await full();
    const [first] = expected.epochs;
    const damages = ['', JSON.stringify(first), `${JSON.stringify(first)}\n{"epoch":2,"lo`, '?'];
    for (const [i, damage] of damages.entries()) {
      const run = new RunFolder(inFolder(`damaged ${i}`));
      await train(new ToyRecipe(), toyData(COUNT), { ...PLAN, epochs: 3 }, run);
      writeFileSync(run.file('metrics.jsonl'), damage);
      assert.deepEqual(
        outcome(run, await train(new ToyRecipe(), toyData(COUNT), PLAN, run)),
        expected,
      );
    }
  });

  it('makes a longer training of a shorter one with the same numbers', async () => {
    const expected = await full();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), async (epochs) => {
        const run = new RunFolder(inFolder(`longer ${epochs}`));
        await train(new ToyRecipe(), toyData(COUNT), { ...PLAN, epochs }, run);
        const result = await train(new ToyRecipe(), toyData(COUNT), PLAN, run);
        assert.deepEqual(outcome(run, result), expected);
      }),
      { examples: [[1], [2], [3], [4]], numRuns: 4 },
    );
  });

  it('has nothing left to do when the epochs are done', async () => {
    const expected = await full('run');
    const recipe = new ToyRecipe();
    const run = new RunFolder(inFolder('run'));
    const result = await train(recipe, toyData(COUNT), PLAN, run);
    assert.equal(recipe.steps, 0);
    assert.deepEqual(outcome(run, result), expected);
  });

  describe('with a validation (protocol B)', () => {
    /** Trains with these validations, one an epoch. */
    async function validate(name: string, validations: number[]) {
      const run = new RunFolder(inFolder(name));
      const recipe = new ToyRecipe();
      const models: NamedArrays[] = [];
      const result = await train(recipe, toyData(COUNT), PLAN, run, {
        ...SAVE_ALWAYS,
        validate: async () => {
          models.push(recipe.model());
          return validations[models.length - 1];
        },
      });
      return { run, result, models };
    }

    it('keeps the model of the epoch where it is smallest, the first of equals', async () => {
      for (const [validations, best] of [
        [[0.4, 0.2, 0.3, 0.25], 2],
        [[0.1, 0.2, 0.3, 0.4], 1],
        [[0.4, 0.3, 0.2, 0.1], 4],
        [[0.2, 0.1, 0.1, 0.1], 2],
      ] as [number[], number][]) {
        const { run, result, models } = await validate(validations.join(), validations);
        assert.equal(result.modelEpoch, best);
        const { arrays, metadata } = readSafetensors(run.file('model.safetensors'));
        assert.deepEqual(arrays, models[best - 1]);
        assert.equal(metadata.epoch, String(best));
        assert.deepEqual(
          result.epochs.map(({ validation }) => validation),
          validations,
        );
        assert.deepEqual(run.loadState()?.progress.best, {
          epoch: best,
          validation: validations[best - 1],
        });
      }
    });

    it('stops when the validation is no number, and keeps the model before', async () => {
      await assert.rejects(validate('broken', [0.4, NaN]), {
        name: 'TrainingDivergedError',
        message: /epoch 2: expected a finite validation value, found NaN/,
      });
      const { metadata } = readSafetensors(inFolder('broken/model.safetensors'));
      assert.equal(metadata.epoch, '1');
    });
  });

  describe('when training diverges', () => {
    /** The files of a run of so many epochs: what must still be there afterwards. */
    async function filesAfter(epochs: number) {
      const run = new RunFolder(inFolder(`after ${epochs}`));
      await train(new ToyRecipe(), toyData(COUNT), { ...PLAN, epochs }, run);
      return kept(run);
    }

    function kept(run: RunFolder) {
      const { arrays, progress } = run.loadState()!;
      return {
        arrays,
        losses: run.readEpochs().map(({ loss }) => loss),
        sums: progress.sums,
        model: readFileSync(run.file('model.safetensors')),
      };
    }

    it('stops at a loss that is no number and keeps the last good state', async () => {
      const run = new RunFolder(inFolder('nan'));
      const recipe = new ToyRecipe((step, loss) => (step === 2 * STEPS + 2 ? NaN : loss));
      await assert.rejects(train(recipe, toyData(COUNT), PLAN, run, SAVE_ALWAYS), {
        name: 'TrainingDivergedError',
        epoch: 3,
        message: /found a loss of NaN\. What was saved before is kept/,
      });
      assert.equal(recipe.steps, 2 * STEPS + 2);
      assert.deepEqual(kept(run), await filesAfter(2));
    });

    it('stops after an epoch whose loss is the factor above the lowest', async () => {
      const run = new RunFolder(inFolder('high'));
      const recipe = new ToyRecipe((step, loss) => (step > 3 * STEPS ? 1000 : loss));
      await assert.rejects(train(recipe, toyData(COUNT), PLAN, run, SAVE_ALWAYS), {
        name: 'TrainingDivergedError',
        epoch: 4,
        loss: 1000,
      });
      assert.deepEqual(kept(run), await filesAfter(3));
    });

    it('remembers the lowest loss across an interruption', async () => {
      const run = new RunFolder(inFolder('resumed'));
      await train(new ToyRecipe(), toyData(COUNT), { ...PLAN, epochs: 3 }, run);
      const recipe = new ToyRecipe(() => 1000);
      await assert.rejects(train(recipe, toyData(COUNT), PLAN, run), { epoch: 4 });
    });

    it('does not save parameters that a last step has broken, however good its loss', async () => {
      const run = new RunFolder(inFolder('overflow'));
      const recipe: ToyRecipe = new ToyRecipe((step, loss) => {
        if (step === 2 * STEPS) recipe.break();
        return loss;
      });
      await assert.rejects(train(recipe, toyData(COUNT), PLAN, run, SAVE_ALWAYS), {
        name: 'TrainingDivergedError',
        message: /epoch 2: expected finite numbers in "weight", found NaN/,
      });
      assert.deepEqual(kept(run), await filesAfter(1));
    });

    it('does not save them when it is interrupted either', async () => {
      const run = new RunFolder(inFolder('overflow'));
      const controller = new AbortController();
      const recipe: ToyRecipe = new ToyRecipe((step, loss) => {
        if (step === STEPS + 1) {
          recipe.break();
          controller.abort();
        }
        return loss;
      });
      const { signal } = controller;
      await assert.rejects(train(recipe, toyData(COUNT), PLAN, run, { ...SAVE_ALWAYS, signal }), {
        epoch: 2,
      });
      assert.deepEqual(kept(run), await filesAfter(1));
    });

    it('leaves nothing in the first epoch', async () => {
      const run = new RunFolder(inFolder('first'));
      await assert.rejects(train(new ToyRecipe(() => NaN), toyData(COUNT), PLAN, run), {
        epoch: 1,
      });
      assert.ok(!existsSync(run.file('state.safetensors')));
      assert.ok(!existsSync(run.file('model.safetensors')));
    });
  });

  describe('from a state that cannot be used', () => {
    const attempt = (run: RunFolder) => train(new ToyRecipe(), toyData(COUNT), PLAN, run);

    it('names the file that is damaged', async () => {
      const run = new RunFolder(inFolder('run'));
      await full('run');
      const file = run.file('state.safetensors');
      const bytes = readFileSync(file);
      for (const damaged of [
        bytes.subarray(0, bytes.length - 1),
        Buffer.from('?'),
        Buffer.alloc(0),
      ]) {
        writeFileSync(file, damaged);
        await assert.rejects(attempt(run), ({ message }: Error) =>
          message.startsWith(`${file}: expected `),
        );
      }
    });

    it('names the file whose arrays or progress are those of something else', async () => {
      const run = new RunFolder(inFolder('run'));
      await full('run');
      const file = run.file('state.safetensors');
      const { arrays, metadata } = readSafetensors(file);
      const without = new Map([...arrays].slice(1));
      const cases: [NamedArrays, Record<string, string>, RegExp][] = [
        [without, metadata, /cannot be used.*The weight or its velocity is missing/],
        [arrays, {}, /expected "progress" in its metadata, found none/],
        [arrays, { progress: '{' }, /cannot be used.*JSON/],
        [arrays, { progress: '{"step":0}' }, /cannot be used.*records: Required/],
      ];
      for (const [content, header, message] of cases) {
        writeSafetensors(file, content, header);
        await assert.rejects(
          attempt(run),
          (error: Error) => error.message.startsWith(`${file}: `) && message.test(error.message),
        );
      }
    });
  });
});
