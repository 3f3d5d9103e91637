import assert from 'node:assert/strict';
import { tf } from '../../src/lib/engine/index';
import type { FeaturePyramid } from '../../src/lib/models/resnet18';
import { autoEncoderConfigSchema } from '../../src/lib/models/auto-encoder';
import type { AutoEncoderConfigInput } from '../../src/lib/models/auto-encoder';
import { PreTrainingRecipe } from '../../src/lib/training/pre-training';
import { readGolden } from '../engine/golden';
import { tensorCount } from '../engine/tensor-count';
import { assertNear } from '../metrics/assert-near';
import { assertSketch } from '../models/sketch';
import { autoEncoderArrays, smallNetworks } from './small-networks';
import type { SmallNetworks } from './small-networks';

const golden = readGolden<{
  autoEncoder: AutoEncoderConfigInput;
  levels: number[];
  gradients: Record<string, number[]>;
}>('training', 'pre-training.json');

const CONFIG = autoEncoderConfigSchema.parse(golden.autoEncoder);
const SETTINGS = { learningRate: 1e-3 };

describe('PreTrainingRecipe', () => {
  let networks: SmallNetworks;
  beforeEach(() => (networks = smallNetworks(CONFIG)));
  afterEach(() => networks.dispose());

  it("has PyTorch's losses and gradients, and each level lowers its own", () => {
    const { autoEncoders, rawBatch } = networks;
    const recipe = new PreTrainingRecipe(autoEncoders, SETTINGS);
    const first = recipe.step(rawBatch);
    [first.level1, first.level2, first.level3].forEach((level, i) => {
      const expected = golden.levels[i];
      assertNear(level, expected, 1e-5 * expected, `level ${i + 1}`);
    });
    assertNear(first.loss, first.level1 + first.level2 + first.level3, 1e-6 * first.loss);
    // After one step, Adam's mean is a tenth of the gradient.
    const state = recipe.state();
    for (const [name, expected] of Object.entries(golden.gradients)) {
      const gradient = state.get(`adam.mean.${name}`)!.data.map((value) => value * 10);
      assertSketch(gradient, expected, 1e-4, `gradient of ${name}`);
    }
    for (let i = 0; i < 4; i++) recipe.step(rawBatch);
    const later = recipe.step(rawBatch);
    for (const level of ['level1', 'level2', 'level3'] as const) {
      assert.ok(later[level] < first[level], level);
    }
    recipe.dispose();
  });

  it('trains each level by itself: what another level sees changes nothing', () => {
    const { autoEncoders, rawBatch } = networks;
    const after = (teacher: FeaturePyramid) => {
      autoEncoders.store.assign(autoEncoderArrays(CONFIG));
      const recipe = new PreTrainingRecipe(autoEncoders, SETTINGS);
      recipe.step({ ...rawBatch, teacher });
      const model = recipe.model();
      recipe.dispose();
      return model;
    };
    const [first, second, third] = rawBatch.teacher;
    const other = tf.mul<typeof second>(second, -2);
    const [before, changed] = [after([first, second, third]), after([first, other, third])];
    for (const [name, { data }] of before) {
      const found = changed.get(name)!.data;
      if (name.startsWith('autoencoder2.')) assert.notDeepEqual(found, data, name);
      else assert.deepEqual(found, data, name);
    }
    other.dispose();
  });

  it('goes on from its state with the same numbers to the bit', () => {
    const { autoEncoders, rawBatch } = networks;
    const recipe = new PreTrainingRecipe(autoEncoders, SETTINGS);
    recipe.step(rawBatch);
    const state = recipe.state();
    const { loss } = recipe.step(rawBatch);
    const expected = recipe.state();
    recipe.dispose();
    const resumed = new PreTrainingRecipe(autoEncoders, SETTINGS);
    resumed.restore(state);
    assert.equal(resumed.step(rawBatch).loss, loss);
    assert.deepEqual(resumed.state(), expected);
    resumed.dispose();
  });

  it('reports a loss that is no number, and leaves everything as it was', () => {
    const { autoEncoders, rawBatch } = networks;
    const recipe = new PreTrainingRecipe(autoEncoders, SETTINGS);
    const before = recipe.state();
    const [first, ...others] = rawBatch.teacher;
    const broken = tf.mul<typeof first>(first, NaN);
    const teacher = [broken, ...others] as FeaturePyramid;
    assert.ok(Number.isNaN(recipe.step({ ...rawBatch, teacher }).loss));
    assert.deepEqual(recipe.state(), before);
    broken.dispose();
    recipe.dispose();
  });

  it('leaves no tensor behind in a step, and none at all when disposed of', () => {
    const { tensors } = tensorCount();
    const recipe = new PreTrainingRecipe(networks.autoEncoders, SETTINGS);
    const again = () => {
      recipe.step(networks.rawBatch);
      recipe.restore(recipe.state());
    };
    again();
    const before = tensorCount();
    again();
    again();
    assert.deepEqual(tensorCount(), before);
    recipe.dispose();
    assert.equal(tensorCount().tensors, tensors);
  });
});
