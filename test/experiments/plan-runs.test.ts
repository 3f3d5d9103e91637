import assert from 'node:assert/strict';
import { ABLATIONS, EXPERIMENTS, SWEEP } from '../../src/lib/experiments/studies';
import { planRuns } from '../../src/lib/experiments/plan-runs';
import { TABLE_2 } from '../../src/lib/experiments/table2';

const find = (name: string) =>
  [...TABLE_2, ...SWEEP, ...ABLATIONS].find((preset) => preset.name === name)!;
const OPTIONS = { seed: 0, epochs: 100, preTrainingEpochs: 100, trainImages: 245 };

describe('experiments', () => {
  it('have the seven rows of Table 2 with the paper’s numbers', () => {
    const rows = TABLE_2.filter(({ paper }) => paper !== undefined);
    assert.deepEqual(
      rows.map(({ name, paper }) => [name, paper!.pixelAuroc, paper!.imageAuroc]),
      [
        ['leather', 0.9914, 0.9786],
        ['leather-001', 0.9903, 0.9759],
        ['leather-002', 0.9292, 0.6262],
        ['leather-003', 0.9925, 0.9976],
        ['leather-004', 0.9934, 0.9973],
        ['leather-005', 0.9782, 0.9823],
        ['bottle-001', 0.9837, 1],
      ],
    );
  });

  it('have presets that are all valid, with names of their own in each table', () => {
    for (const presets of Object.values(EXPERIMENTS)) {
      assert.equal(new Set(presets.map(({ name }) => name)).size, presets.length);
      for (const preset of presets) {
        const { run } = planRuns(preset, OPTIONS);
        assert.equal(run.config.category, preset.category);
      }
    }
  });

  it('become runs with the paper’s settings', () => {
    const { preTraining, run } = planRuns(find('leather-001'), { ...OPTIONS, seed: 2 });
    assert.equal(run.name, 'leather-001-100ep-seed2');
    assert.ok(run.config.recipe === 'joint');
    assert.deepEqual([run.config.alpha, run.config.frozenEpochs, run.config.seed], [1e-5, 0, 2]);
    assert.equal(preTraining?.name, 'pre-training-leather-100ep-seed2');
    assert.equal(preTraining.config.learningRate, 1e-3);
    assert.equal(run.config.augmentedImages, 0);
  });

  it('share a pre-training where the auto-encoders have the same shape', () => {
    const name = (preset: string) => planRuns(find(preset), OPTIONS).preTraining?.name;
    assert.equal(name('bottle-alpha-1e-4'), name('bottle-001'));
    assert.equal(name('bottle-frozen'), name('bottle-001'));
    assert.notEqual(name('bottle-no-top-skip'), name('bottle-001'));
    assert.equal(name('bottle-raw'), undefined);
    const shape = planRuns(find('bottle-no-top-skip'), OPTIONS).preTraining!.config.autoEncoder;
    assert.equal(shape.skips, 'not-top');
  });

  it('take over the student of the row that they name, on the same images', () => {
    const rows = EXPERIMENTS.methods.filter(({ experiment }) => 'student' in experiment);
    assert.ok(rows.length > 0);
    for (const row of rows) {
      const { student, run } = planRuns(row, OPTIONS);
      assert.ok(student && 'protocol' in student.config);
      assert.equal(student.config.protocol, 'B');
      assert.equal(student.config.seed, run.config.seed);
      assert.ok(EXPERIMENTS.methods.some(({ name }) => student.name.startsWith(`${name}-100ep`)));
    }
    const joint = rows.find(({ name }) => name === 'method-fusion-joint-synthetic-bottle')!;
    const { preTraining, run } = planRuns(joint, OPTIONS);
    assert.equal(preTraining?.name, 'pre-training-synthetic-bottle-100ep-seed0');
    assert.ok('autoEncoder' in run.config && run.config.autoEncoder !== null);
  });

  it('count steps where they are about them, whatever the epochs asked for', () => {
    const row = (name: string) => EXPERIMENTS.hard.find((preset) => preset.name === name)!;
    const { run, shorter } = planRuns(row('hard-stfpm-250-synthetic-gear'), {
      ...OPTIONS,
      seed: 1,
    });
    assert.equal(run.name, 'hard-stfpm-250-synthetic-gear-seed1');
    assert.ok('epochSteps' in run.config);
    assert.equal(run.config.epochSteps! * run.config.epochs, 250);
    assert.deepEqual([run.config.imageSize, run.config.patience], [128, null]);
    const longer = planRuns(row('hard-stfpm-1000-synthetic-gear'), { ...OPTIONS, seed: 1 });
    assert.deepEqual([shorter, longer.shorter], [null, run]);
    const fused = planRuns(row('hard-levels-and-memory-synthetic-almond'), OPTIONS);
    assert.equal(fused.run.name, 'hard-levels-and-memory-synthetic-almond-seed0');
    assert.equal(fused.student?.name, 'hard-stfpm-average-1000-synthetic-almond-seed0');
    const student = fused.student.config;
    assert.ok('weightAverage' in student && student.weightAverage === 0.99);
    assert.equal(fused.run.config.imageSize, 128);
  });

  it('have PatchCore from a few images, without augmented copies', () => {
    const rows = [1, 2, 4, 8].map((shots) => {
      const named = `method-patchcore-${shots}-shot-synthetic-leather`;
      return EXPERIMENTS.methods.find(({ name }) => name === named)!;
    });
    const configs = rows.map((row) => planRuns(row, { ...OPTIONS, trainImages: 4 }).run.config);
    assert.deepEqual(
      configs.map((config) => 'trainImages' in config && config.trainImages),
      [1, 2, 4, 8],
    );
    assert.ok(configs.every(({ augmentedImages }) => augmentedImages === 0));
  });

  it('are few-shot where there are few images', () => {
    const { preTraining, run } = planRuns(find('leather-004'), { ...OPTIONS, trainImages: 4 });
    assert.equal(run.config.augmentedImages, 64);
    assert.equal(preTraining?.config.augmentedImages, 64);
  });
});
