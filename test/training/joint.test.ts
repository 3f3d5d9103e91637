import assert from 'node:assert/strict';
import { tf } from '../../src/lib/engine/index';
import type { Tensor, Tensor4D } from '../../src/lib/engine/index';
import { l2Normalise } from '../../src/lib/losses/l2-normalise';
import { autoEncoderConfigSchema } from '../../src/lib/models/auto-encoder-config';
import type { AutoEncoderConfigInput } from '../../src/lib/models/auto-encoder-config';
import { autoEncoderShapes } from '../../src/lib/models/auto-encoder';
import { autoEncoderPrefix } from '../../src/lib/models/auto-encoders';
import type { AutoEncoders } from '../../src/lib/models/auto-encoders';
import { ParameterStore } from '../../src/lib/models/parameter-store';
import { LEVEL_CHANNELS, resnet18 } from '../../src/lib/models/resnet18';
import type { FeaturePyramid } from '../../src/lib/models/resnet18';
import { Adam } from '../../src/lib/training/adam';
import { clipping } from '../../src/lib/training/clip';
import { jointConfig } from '../../src/lib/training/config';
import type { JointConfigInput } from '../../src/lib/training/config';
import { JointRecipe } from '../../src/lib/training/joint';
import { PreTrainingRecipe } from '../../src/lib/training/pre-training';
import type { Batch } from '../../src/lib/training/recipe';
import type { NamedArrays } from '../../src/lib/weights/tensor-file';
import { assertArraysNear } from '../engine/assert-arrays-near';
import { readGolden } from '../engine/golden';
import { tensorCount } from '../engine/tensor-count';
import { assertNear } from '../metrics/assert-near';
import { fill, trunkArrays } from '../models/fill';
import { assertSketch } from '../models/sketch';

interface GoldenJoint {
  alpha: number;
  similarity: number;
  reconstruction: number;
  total: number;
  norm: number;
  norms: number[];
  gradients: Record<string, number[]>;
  changes: Record<string, number[]>;
}

const golden = readGolden<{
  autoEncoder: AutoEncoderConfigInput;
  adam: number[][];
  clipped: { maxNorm: number; norm: number; gradients: number[][] }[];
  preTraining: { levels: number[]; gradients: Record<string, number[]> };
  sum: GoldenJoint;
  unit: GoldenJoint;
  stop: GoldenJoint;
}>('training', 'joint.json');

/** As in make_joint.py. */
const SHAPES = [[3, 2], [5], [2, 3, 3, 2]];
const CONFIG = autoEncoderConfigSchema.parse(golden.autoEncoder);

function autoEncoderArrays(): NamedArrays {
  return new Map(
    LEVEL_CHANNELS.flatMap((depth, level) =>
      [...autoEncoderShapes(CONFIG, depth)].map(([name, shape], i) => {
        const data = fill(shape, 700 + 40 * level + i, 0.3).map((value) => value * 0.25);
        return [autoEncoderPrefix(level) + name, { shape, data }] as const;
      }),
    ),
  );
}

const parametersOf = (arrays: NamedArrays) =>
  [...arrays].filter(([name]) => !name.includes('running_'));

describe('Adam', () => {
  it("takes PyTorch's steps", () => {
    const parameters = new Map(
      SHAPES.map((shape, i) => [String(i), tf.variable(tf.tensor(fill(shape, 80 + i), shape))]),
    );
    const adam = new Adam(parameters, { learningRate: 1e-2 });
    const step = (optimiser: Adam, k: number) =>
      tf.tidy(() =>
        optimiser.step(
          new Map(
            SHAPES.map((shape, i): [string, Tensor] => [
              String(i),
              tf.tensor(fill(shape, 90 + 4 * k + i), shape),
            ]),
          ),
        ),
      );
    step(adam, 0);
    step(adam, 1);
    const resumed = new Adam(parameters, { learningRate: 1e-2 });
    resumed.restore(adam.state());
    adam.dispose();
    for (const k of [2, 3, 4]) step(resumed, k);
    [...parameters.values()].forEach((parameter, i) => {
      assertArraysNear(parameter.dataSync(), golden.adam[i], 1e-6, `parameter ${i}`);
    });
    resumed.dispose();
    for (const parameter of parameters.values()) parameter.dispose();
  });
});

describe('clipping', () => {
  for (const { maxNorm, norm, gradients } of golden.clipped) {
    it(`shortens as PyTorch does (at most ${maxNorm})`, () => {
      tf.tidy(() => {
        const tensors = SHAPES.map((shape, i) => tf.tensor(fill(shape, 90 + i), shape));
        const found = clipping(tensors, maxNorm);
        assertNear(found.norm, norm, 1e-6 * norm);
        tensors.forEach((tensor, i) => {
          assertArraysNear(tf.mul(tensor, found.scale).dataSync(), gradients[i], 1e-6);
        });
        if (norm < maxNorm) assert.equal(found.scale, 1);
      });
    });
  }
});

describe('PreTrainingRecipe and JointRecipe', () => {
  let student: ParameterStore;
  let autoEncoders: AutoEncoders;
  let batch: Batch;
  let raw: FeaturePyramid;

  beforeEach(() => {
    const teacher = ParameterStore.fromArrays(trunkArrays(200));
    student = ParameterStore.fromArrays(trunkArrays(300));
    autoEncoders = { config: CONFIG, store: ParameterStore.fromArrays(autoEncoderArrays()) };
    const shape: [number, number, number, number] = [2, 128, 128, 3];
    const images = tf.tensor4d(fill(shape, 11, 2), shape);
    raw = tf.tidy(() => resnet18(teacher, images));
    batch = { images, teacher: raw.map(l2Normalise) as FeaturePyramid };
    teacher.dispose();
  });

  afterEach(() => {
    tf.dispose([batch.images, ...batch.teacher, ...raw]);
    student.dispose();
    autoEncoders.store.dispose();
  });

  const recipeWith = (settings: Partial<JointConfigInput>) =>
    new JointRecipe(student, autoEncoders, jointConfig({ category: 'x', ...settings }));

  /** Largest difference of each array, as a share of what it was. */
  function changes(before: NamedArrays, after: NamedArrays): Map<string, Float64Array> {
    return new Map(
      parametersOf(before).map(([name, { data }]) => [
        name,
        Float64Array.from(data, (value, i) => after.get(name)!.data[i] - value),
      ]),
    );
  }

  it("pre-trains with PyTorch's losses, and each level lowers its own", () => {
    const recipe = new PreTrainingRecipe(autoEncoders, { learningRate: 1e-3 });
    const features = { images: batch.images, teacher: raw };
    const first = recipe.step(features);
    [first.level1, first.level2, first.level3].forEach((level, i) => {
      const expected = golden.preTraining.levels[i];
      assertNear(level, expected, 1e-5 * expected, `level ${i + 1}`);
    });
    assertNear(first.loss, first.level1 + first.level2 + first.level3, 1e-5);
    for (let i = 0; i < 4; i++) recipe.step(features);
    const later = recipe.step(features);
    assert.ok(later.level1 < first.level1 && later.level2 < first.level2);
    assert.ok(later.level3 < first.level3);
    recipe.dispose();
  });

  it('pre-trains on from its state with the same numbers to the bit', () => {
    const recipe = new PreTrainingRecipe(autoEncoders, { learningRate: 1e-3 });
    const features = { images: batch.images, teacher: raw };
    recipe.step(features);
    const state = recipe.state();
    recipe.step(features);
    const expected = recipe.state();
    recipe.dispose();
    const resumed = new PreTrainingRecipe(autoEncoders, { learningRate: 1e-3 });
    resumed.restore(state);
    resumed.step(features);
    assert.deepEqual(resumed.state(), expected);
    resumed.dispose();
  });

  const variants: [string, GoldenJoint, Partial<JointConfigInput>][] = [
    ['the sum', golden.sum, {}],
    ['vectors of length 1', golden.unit, { reconstruction: 'unit' }],
    ['a stop-gradient', golden.stop, { stopGradient: true }],
  ];
  for (const [name, expected, settings] of variants) {
    it(`takes PyTorch's step with both rates, clipping and decay (${name})`, () => {
      const recipe = recipeWith({ alpha: expected.alpha, frozenEpochs: 0, ...settings });
      const before = recipe.model();
      const numbers = recipe.step(batch, 1);
      const near = (found: number, value: number, what: string) =>
        assertNear(found, value, 1e-5 * value, what);
      near(numbers.similarity, expected.similarity / 2, 'L_sim an image');
      near(numbers.reconstruction, expected.reconstruction, 'L_rec');
      near(numbers.total, expected.total, 'L_tot');
      near(numbers.loss, expected.total / 2, 'L_tot an image');
      assertNear(numbers.gradientNorm, expected.norm, 1e-3 * expected.norm, 'gradient norm');
      assert.equal(numbers.clipped, 1);
      [numbers.norm1, numbers.norm2, numbers.norm3].forEach((norm, i) =>
        near(norm, expected.norms[i], `length of F_s, level ${i + 1}`),
      );
      for (const [parameter, change] of changes(before, recipe.model())) {
        // A clipped step changes a parameter in its last 32-bit digits; a wrong rate would be off by a factor.
        assertSketch(change, expected.changes[parameter], 3e-2, `change of ${parameter}`);
      }
      recipe.dispose();
    });
  }

  it('leaves frozen auto-encoders and their momentum alone to the bit, but trains through them', () => {
    const recipe = recipeWith({ frozenEpochs: 2, alpha: 1e-3 });
    recipe.step(batch, 3);
    const before = recipe.state();
    const { gradientNorm } = recipe.step(batch, 1);
    recipe.step(batch, 2);
    const frozen = recipe.state();
    const isTheirs = (name: string) => /^(velocity\.)?autoencoder/.test(name);
    for (const [name, { data }] of before) {
      if (isTheirs(name)) assert.deepEqual(frozen.get(name)!.data, data, name);
    }
    assert.ok(gradientNorm > 0);
    assert.notDeepEqual(frozen.get('conv1.weight'), before.get('conv1.weight'));
    recipe.step(batch, 3);
    const after = recipe.state();
    for (const [name, { data }] of frozen) {
      if (isTheirs(name)) assert.notDeepEqual(after.get(name)!.data, data, name);
    }
    recipe.dispose();
  });

  it('clips by the frozen gradients too where asked to, and still leaves their owners alone', () => {
    const before = autoEncoders.store.toArrays();
    const recipe = recipeWith({ alpha: golden.sum.alpha, clipOver: 'all' });
    const { gradientNorm } = recipe.step(batch, 1);
    assertNear(gradientNorm, golden.sum.norm, 1e-3 * golden.sum.norm);
    assert.deepEqual(autoEncoders.store.toArrays(), before);
    recipe.dispose();
    student.assign(trunkArrays(300));
    const alone = recipeWith({ alpha: golden.sum.alpha });
    assert.ok(alone.step(batch, 1).gradientNorm < 0.99 * gradientNorm);
    alone.dispose();
  });

  it("never updates auto-encoders in mode 'frozen'", () => {
    const recipe = recipeWith({ mode: 'frozen', frozenEpochs: 0 });
    const before = autoEncoders.store.toArrays();
    recipe.step(batch, 9);
    assert.deepEqual(autoEncoders.store.toArrays(), before);
    recipe.dispose();
  });

  it('reports L_rec with alpha 0 and takes no gradient from it', () => {
    const step = (settings: Partial<JointConfigInput>) => {
      student.assign(trunkArrays(300));
      autoEncoders.store.assign(autoEncoderArrays());
      const recipe = recipeWith({ frozenEpochs: 0, ...settings });
      const numbers = recipe.step(batch, 1);
      recipe.dispose();
      return numbers;
    };
    const none = step({ alpha: 0 });
    const near = (a: number, b: number) => assertNear(a, b, 1e-5 * Math.abs(b));
    near(none.reconstruction, golden.sum.reconstruction);
    near(none.total, golden.sum.similarity);
    assert.ok(Math.abs(none.gradientNorm / golden.sum.norm - 1) > 1e-3);

    const dynamic = step({ dynamicAlpha: 0.25 });
    near(dynamic.total, 1.25 * golden.sum.similarity);
    near(dynamic.alpha, (0.25 * golden.sum.similarity) / golden.sum.reconstruction);
  });

  it('goes on from its state with the same numbers to the bit', () => {
    const recipe = recipeWith({ frozenEpochs: 1 });
    recipe.step(batch, 1);
    recipe.step(batch, 2);
    const state = recipe.state();
    const { loss } = recipe.step(batch, 2);
    const expected = recipe.state();
    recipe.dispose();
    const resumed = recipeWith({ frozenEpochs: 1 });
    resumed.restore(state);
    assert.equal(resumed.step(batch, 2).loss, loss);
    assert.deepEqual(resumed.state(), expected);
    resumed.dispose();
  });

  it('reports a loss that is no number, and leaves everything as it was', () => {
    const recipe = recipeWith({ frozenEpochs: 0 });
    const before = recipe.state();
    const images = tf.tidy(() => tf.mul<Tensor4D>(batch.images, NaN));
    assert.ok(Number.isNaN(recipe.step({ ...batch, images }, 1).loss));
    assert.deepEqual(recipe.state(), before);
    images.dispose();
    recipe.dispose();
  });

  it('leaves no tensor behind in a step, and none at all when disposed of', () => {
    const { tensors } = tensorCount();
    const recipe = recipeWith({ frozenEpochs: 1, reconstruction: 'unit' });
    const again = () => {
      recipe.step(batch, 2);
      recipe.restore(recipe.state());
      recipe.step(batch, 1);
      recipe.step(batch, 2);
    };
    again();
    const before = tensorCount();
    again();
    assert.deepEqual(tensorCount(), before);
    recipe.dispose();
    assert.equal(tensorCount().tensors, tensors);
  });
});
