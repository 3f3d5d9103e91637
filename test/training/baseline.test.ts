import assert from 'node:assert/strict';
import { tf } from '../../src/lib/engine/index';
import type { Scalar, Tensor4D } from '../../src/lib/engine/index';
import { l2Normalise, similarityLoss } from '../../src/lib/losses/similarity';
import { BatchStatistics } from '../../src/lib/models/batch-statistics';
import { ParameterStore, toTorchLayout } from '../../src/lib/models/parameter-store';
import { resnet18 } from '../../src/lib/models/resnet18';
import type { FeaturePyramid } from '../../src/lib/models/resnet18';
import { BaselineRecipe } from '../../src/lib/training/baseline';
import type { BaselineSettings } from '../../src/lib/training/baseline';
import { gradientsOf } from '../../src/lib/training/optimisers';
import type { Batch } from '../../src/lib/training/recipe';
import type { NamedArrays } from '../../src/lib/weights/named-arrays';
import { assertArraysNear } from '../engine/assert-arrays-near';
import { readGolden } from '../engine/golden';
import { tensorCount } from '../engine/tensor-count';
import { assertNear } from '../metrics/assert-near';
import { fill, backboneArrays } from '../models/fill';
import { assertSketch, storageError } from '../models/sketch';

interface GoldenSteps {
  steps: { loss: number; gradients: Record<string, number[]> }[];
  changes: Record<string, number[]>;
  velocities: Record<string, number[]>;
}

/** Those of test/fixtures/training/make.py, which says why the rate is a fortieth of the paper's. */
const SETTINGS = { learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4 };
/** Relative error of gradients and of what is made of them. */
const TOLERANCE = 1e-4;
const start = backboneArrays(300);

describe('BaselineRecipe', () => {
  let student: ParameterStore;
  let batch: Batch;

  beforeEach(() => {
    const teacher = ParameterStore.fromArrays(backboneArrays(200));
    student = ParameterStore.fromArrays(backboneArrays(300));
    const images = tf.tensor4d(fill([4, 64, 64, 3], 11, 2), [4, 64, 64, 3]);
    const features = tf.tidy(() => resnet18(teacher, images).map(l2Normalise)) as FeaturePyramid;
    batch = { images, teacher: features };
    teacher.dispose();
  });

  afterEach(() => {
    tf.dispose([batch.images, ...batch.teacher]);
    student.dispose();
  });

  /** Gradients at the student's present parameters, in PyTorch's layout. */
  function gradients(): Map<string, ArrayLike<number>> {
    const statistics = new BatchStatistics();
    const result = gradientsOf(() => {
      const features = resnet18(student, batch.images, statistics);
      return tf.div<Scalar>(similarityLoss(features, batch.teacher), batch.images.shape[0]);
    }, student.parameters);
    statistics.dispose();
    const arrays = [...result.gradients].map(
      ([name, gradient]) => [name, toTorchLayout(gradient as Tensor4D).data] as const,
    );
    result.dispose();
    return new Map(arrays);
  }

  it("takes PyTorch's steps: loss, all gradients, new parameters, statistics and velocities", () => {
    const golden = readGolden<GoldenSteps>('training', 'step.json');
    const recipe = new BaselineRecipe(student, SETTINGS);
    golden.steps.forEach((expected, i) => {
      const found = gradients();
      assert.deepEqual([...found.keys()].sort(), Object.keys(expected.gradients).sort());
      for (const [name, gradient] of found) {
        assertSketch(gradient, expected.gradients[name], TOLERANCE, `gradient ${i + 1} of ${name}`);
      }
      const { loss } = recipe.step(batch);
      assertNear(loss, expected.loss, 1e-6 * expected.loss, `loss ${i + 1}`);
    });
    const before = backboneArrays(300);
    const state = recipe.state();
    for (const [name, expected] of Object.entries(golden.changes)) {
      const start = before.get(name)!.data;
      const change = state.get(name)!.data.map((value, i) => value - start[i]);
      const stored = storageError(start, expected, golden.steps.length);
      assertSketch(change, expected, TOLERANCE + stored, `change of ${name}`);
    }
    for (const [name, expected] of Object.entries(golden.velocities)) {
      assertSketch(state.get(`velocity.${name}`)!.data, expected, TOLERANCE, `velocity of ${name}`);
    }
    recipe.dispose();
  });

  it('goes on from its state with the same numbers to the bit', () => {
    const recipe = new BaselineRecipe(student, SETTINGS);
    recipe.step(batch);
    const state = recipe.state();
    const { loss } = recipe.step(batch);
    const expected = recipe.state();
    recipe.dispose();

    const resumed = new BaselineRecipe(student, SETTINGS);
    resumed.restore(state);
    assert.equal(resumed.step(batch).loss, loss);
    assert.deepEqual(resumed.state(), expected);
    resumed.dispose();
  });

  it('reports a loss that is no number, and leaves the student as it was', () => {
    const recipe = new BaselineRecipe(student, SETTINGS);
    const before = recipe.state();
    const images = tf.tidy(() => tf.mul<Tensor4D>(batch.images, NaN));
    assert.ok(Number.isNaN(recipe.step({ ...batch, images }).loss));
    assert.deepEqual(recipe.state(), before);
    images.dispose();
    recipe.dispose();
  });

  it('has a model with the names that PyTorch knows, and no others', () => {
    const recipe = new BaselineRecipe(student, SETTINGS);
    assert.deepEqual([...recipe.model().keys()].sort(), [...backboneArrays(0).keys()].sort());
    recipe.dispose();
  });

  it('leaves no tensor behind in a step, and none at all when disposed of', () => {
    const { tensors } = tensorCount();
    const recipe = new BaselineRecipe(student, SETTINGS);
    recipe.step(batch);
    recipe.restore(recipe.state());
    recipe.step(batch);
    const before = tensorCount();
    recipe.step(batch);
    recipe.restore(recipe.state());
    recipe.step(batch);
    assert.deepEqual(tensorCount(), before);
    recipe.dispose();
    assert.equal(tensorCount().tensors, tensors);
  });

  it('lets the learning rate fall along a cosine from epoch to epoch, if asked to', () => {
    const name = 'layer1.0.conv1.weight';
    const changes = [1, 3].map((epoch) => {
      student.assign(backboneArrays(300));
      const recipe = new BaselineRecipe(student, {
        ...SETTINGS,
        epochs: 4,
        learningRateDecay: 'cosine',
      });
      recipe.step(batch, epoch);
      const change = recipe
        .model()
        .get(name)!
        .data.map((v, i) => v - start.get(name)!.data[i]);
      recipe.dispose();
      return change;
    });
    // Half way, in epoch 3 of 4, it is half as large.
    changes[0].forEach((change, i) => assertNear(changes[1][i], change / 2, 1e-7));
    assert.ok(changes[0].some((change) => Math.abs(change) > 1e-4));
  });

  it('warms up in a straight line and shortens long gradients, if asked to, and resumes in the middle', () => {
    const start = student.toArrays();
    const change = (settings: Partial<BaselineSettings>, steps: number) => {
      student.assign(start);
      const recipe = new BaselineRecipe(student, { ...SETTINGS, momentum: 0, ...settings });
      for (let step = 0; step < steps; step++) recipe.step(batch);
      const name = 'layer1.0.conv1.weight';
      const before = start.get(name)!.data;
      const result = recipe
        .model()
        .get(name)!
        .data.map((v, i) => v - before[i]);
      const state = recipe.state();
      recipe.dispose();
      return { result, state };
    };
    const whole = change({}, 1).result;
    const quarter = change({ warmUpSteps: 4 }, 1).result;
    whole.forEach((value, i) => assertNear(quarter[i], value / 4, 1e-7));
    const clipped = change({ clipNorm: 1e-3, weightDecay: 0 }, 1).result;
    const length = (values: Float32Array) => Math.hypot(...values.subarray(0, 5000));
    assert.ok(length(clipped) < 0.4 * 1e-3 * (1 + 1e-4));
    assert.ok(length(clipped) < length(whole));

    const { state } = change({ warmUpSteps: 4 }, 1);
    const two = change({ warmUpSteps: 4 }, 2).result;
    student.assign(start);
    const resumed = new BaselineRecipe(student, { ...SETTINGS, momentum: 0, warmUpSteps: 4 });
    resumed.restore(state);
    resumed.step(batch);
    const before = start.get('layer1.0.conv1.weight')!.data;
    const name = 'layer1.0.conv1.weight';
    assert.deepEqual(
      resumed
        .model()
        .get(name)!
        .data.map((v, i) => v - before[i]),
      two,
    );
    resumed.dispose();
    student.assign(start);
  });

  it('has the average of its weights and running statistics for a model, if asked to', () => {
    const decay = 0.15;
    const recipe = new BaselineRecipe(student, { ...SETTINGS, weightAverage: decay });
    let expected: NamedArrays = student.toArrays();
    let state = recipe.state();
    for (let step = 1; step <= 3; step++) {
      recipe.step(batch);
      const now = student.toArrays();
      const kept = Math.min(decay, step / (9 + step));
      expected = new Map(
        [...expected].map(([name, { shape, data }]) => {
          const trained = now.get(name)!.data;
          return [name, { shape, data: data.map((v, i) => kept * v + (1 - kept) * trained[i]) }];
        }),
      );
      if (step === 2) state = recipe.state();
    }
    const model = recipe.model();
    for (const [name, { data }] of expected) {
      assertArraysNear(model.get(name)!.data, data, 1e-6, name);
    }
    const plain = student.toArrays().get('layer1.0.conv1.weight')!.data;
    assert.notDeepEqual(model.get('layer1.0.conv1.weight')!.data, plain);
    recipe.dispose();

    const resumed = new BaselineRecipe(student, { ...SETTINGS, weightAverage: decay });
    resumed.restore(state);
    resumed.step(batch);
    assert.deepEqual(resumed.model(), model);
    resumed.dispose();
  });
});
