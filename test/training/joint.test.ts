import assert from 'node:assert/strict';
import { tf } from '../../src/lib/engine/index';
import type { Tensor4D } from '../../src/lib/engine/index';
import { autoEncoderConfigSchema } from '../../src/lib/models/auto-encoder';
import type { AutoEncoderConfigInput } from '../../src/lib/models/auto-encoder';
import { jointConfig } from '../../src/lib/training/config';
import type { JointConfigInput } from '../../src/lib/training/config';
import { JointRecipe } from '../../src/lib/training/joint';
import type { JointNumbers } from '../../src/lib/training/joint';
import { readGolden } from '../engine/golden';
import { tensorCount } from '../engine/tensor-count';
import { assertNear } from '../metrics/assert-near';
import { assertSketch, storageError } from '../models/sketch';
import { autoEncoderArrays, smallNetworks, studentArrays } from './small-networks';
import type { SmallNetworks } from './small-networks';

interface GoldenNumbers {
  similarity: number;
  reconstruction: number;
  total: number;
  gradientNorm: number;
  norms: number[];
}

interface GoldenStep extends GoldenNumbers {
  alpha: number;
  /** The clipped gradients and weight decay. */
  velocities: Record<string, number[]>;
}

const golden = readGolden<
  {
    autoEncoder: AutoEncoderConfigInput;
    frozenThenFree: {
      alpha: number;
      steps: GoldenNumbers[];
      velocities: Record<string, number[]>;
      changes: Record<string, number[]>;
    };
  } & Record<'sum' | 'unit' | 'stop' | 'none', GoldenStep>
>('training', 'joint.json');

const CONFIG = autoEncoderConfigSchema.parse(golden.autoEncoder);
const BATCH_SIZE = 4;
/** Relative error of gradients and of what is made of them; make_joint.py says why it can be so small. */
const TOLERANCE = 1e-4;
/** Of a second step's: one ReLU may fall on either side, see there. */
const SECOND_TOLERANCE = 1e-2;

const isTheirs = (name: string) => /^(velocity\.)?autoencoder/.test(name);

describe('JointRecipe', () => {
  let networks: SmallNetworks;
  beforeEach(() => (networks = smallNetworks(CONFIG)));
  afterEach(() => networks.dispose());

  /** A recipe that begins with the golden values' weights. */
  function recipeWith(settings: Partial<JointConfigInput>): JointRecipe {
    const { student, autoEncoders } = networks;
    student.assign(studentArrays());
    autoEncoders.store.assign(autoEncoderArrays(CONFIG));
    return new JointRecipe(student, autoEncoders, jointConfig({ category: 'x', ...settings }));
  }

  function firstStep(settings: Partial<JointConfigInput>, epoch = 1): JointNumbers {
    const recipe = recipeWith(settings);
    const numbers = recipe.step(networks.batch, epoch);
    recipe.dispose();
    return numbers;
  }

  function assertNumbers(found: JointNumbers, expected: GoldenNumbers, tolerance: number): void {
    const near = (value: number, other: number, what: string) =>
      assertNear(value, other, tolerance * other, what);
    near(found.similarity, expected.similarity / BATCH_SIZE, 'L_sim an image');
    near(found.reconstruction, expected.reconstruction, 'L_rec');
    near(found.total, expected.total, 'L_tot');
    near(found.loss, expected.total / BATCH_SIZE, 'L_tot an image');
    near(found.gradientNorm, expected.gradientNorm, 'gradient norm');
    [found.norm1, found.norm2, found.norm3].forEach((norm, i) =>
      near(norm, expected.norms[i], `length of F_s, level ${i + 1}`),
    );
  }

  const variants: [
    string,
    keyof typeof golden & ('sum' | 'unit' | 'stop' | 'none'),
    Partial<JointConfigInput>,
  ][] = [
    ['the sum', 'sum', {}],
    ['vectors of length 1', 'unit', { reconstruction: 'unit' }],
    ['a stop-gradient', 'stop', { stopGradient: true }],
    ['alpha 0', 'none', {}],
  ];
  for (const [name, key, settings] of variants) {
    it(`has PyTorch's losses and all its gradients, clipped and with decay (${name})`, () => {
      const { alpha, velocities, ...expected } = golden[key];
      const recipe = recipeWith({ alpha, frozenEpochs: 0, ...settings });
      const numbers = recipe.step(networks.batch, 1);
      assertNumbers(numbers, expected, 2e-5);
      assert.equal(numbers.clipped, 1);
      assert.equal(numbers.alpha, alpha);
      const state = recipe.state();
      for (const [parameter, velocity] of Object.entries(velocities)) {
        const found = state.get(`velocity.${parameter}`)!.data;
        assertSketch(found, velocity, TOLERANCE, `velocity of ${parameter}`);
      }
      recipe.dispose();
    });
  }

  it("takes PyTorch's steps, one with frozen auto-encoders and one with both rates", () => {
    const { alpha, steps, velocities, changes } = golden.frozenThenFree;
    const recipe = recipeWith({ alpha, frozenEpochs: 1 });
    const before = recipe.model();
    steps.forEach((expected, i) => {
      assertNumbers(recipe.step(networks.batch, i + 1), expected, 2e-5);
    });
    const state = recipe.state();
    for (const [parameter, velocity] of Object.entries(velocities)) {
      const found = state.get(`velocity.${parameter}`)!.data;
      assertSketch(found, velocity, SECOND_TOLERANCE, `velocity of ${parameter}`);
    }
    for (const [parameter, expected] of Object.entries(changes)) {
      const start = before.get(parameter)!.data;
      const change = state.get(parameter)!.data.map((value, i) => value - start[i]);
      const stored = storageError(start, expected, isTheirs(parameter) ? 1 : 2);
      assertSketch(change, expected, SECOND_TOLERANCE + stored, `change of ${parameter}`);
    }
    recipe.dispose();
  });

  it('leaves frozen auto-encoders and their momentum alone to the bit, but trains through them', () => {
    const { batch } = networks;
    const recipe = recipeWith({ frozenEpochs: 2, alpha: 1e-3 });
    recipe.step(batch, 3);
    const before = recipe.state();
    const { gradientNorm } = recipe.step(batch, 1);
    recipe.step(batch, 2);
    const frozen = recipe.state();
    for (const [name, { data }] of before) {
      if (isTheirs(name)) assert.deepEqual(frozen.get(name)!.data, data, name);
      else assert.notDeepEqual(frozen.get(name)!.data, data, name);
    }
    assert.ok(gradientNorm > 0);
    recipe.step(batch, 3);
    const after = recipe.state();
    for (const [name, { data }] of frozen) {
      if (isTheirs(name)) assert.notDeepEqual(after.get(name)!.data, data, name);
    }
    recipe.dispose();
  });

  it('clips by the frozen gradients too where asked to, and still leaves their owners alone', () => {
    const { autoEncoders, batch } = networks;
    const recipe = recipeWith({ alpha: golden.sum.alpha, clipOver: 'all' });
    const before = autoEncoders.store.toArrays();
    const { gradientNorm } = recipe.step(batch, 1);
    const expected = golden.sum.gradientNorm;
    assertNear(gradientNorm, expected, 2e-5 * expected);
    assert.deepEqual(autoEncoders.store.toArrays(), before);
    recipe.dispose();
    // Of the student alone: what is updated.
    const alone = golden.frozenThenFree.steps[0].gradientNorm;
    assert.ok(alone < 0.99 * expected);
    assertNear(firstStep({ alpha: golden.sum.alpha }).gradientNorm, alone, 2e-5 * alone);
  });

  it("never updates auto-encoders in mode 'frozen', and raw ones by the same rule as others", () => {
    const { autoEncoders, batch } = networks;
    const frozen = recipeWith({ mode: 'frozen', frozenEpochs: 0 });
    const before = autoEncoders.store.toArrays();
    frozen.step(batch, 9);
    assert.deepEqual(autoEncoders.store.toArrays(), before);
    frozen.dispose();

    const isFrozen = (mode: 'raw' | 'pre-trained', frozenEpochs: number) => {
      const recipe = recipeWith({ mode, frozenEpochs });
      const epochs = [1, 2, 3].map((epoch) => recipe.isFrozen(epoch));
      recipe.dispose();
      return epochs;
    };
    assert.deepEqual(isFrozen('raw', 0), [false, false, false]);
    assert.deepEqual(isFrozen('raw', 2), [true, true, false]);
    assert.deepEqual(isFrozen('pre-trained', 2), [true, true, false]);
  });

  it('does not clip a gradient that is short enough', () => {
    const { gradientNorm, clipped } = firstStep({ frozenEpochs: 0, clipNorm: 1e6 });
    assert.ok(gradientNorm > 1 && clipped === 0);
  });

  it('takes a dynamic alpha as given: its step is that of the same constant', () => {
    const dynamic = firstStep({ frozenEpochs: 0, dynamicAlpha: 0.25 });
    const { similarity, reconstruction } = golden.sum;
    const near = (a: number, b: number) => assertNear(a, b, 2e-5 * b);
    near(dynamic.total, 1.25 * similarity);
    near(dynamic.alpha, (0.25 * similarity) / reconstruction);
    const constant = firstStep({ frozenEpochs: 0, alpha: dynamic.alpha });
    near(dynamic.gradientNorm, constant.gradientNorm);
    // It stands in alpha's place, whatever that is.
    const overZero = firstStep({ frozenEpochs: 0, alpha: 0, dynamicAlpha: 0.25 });
    near(overZero.gradientNorm, constant.gradientNorm);
  });

  it('goes on from its state with the same numbers to the bit', () => {
    const { autoEncoders, batch, student } = networks;
    const recipe = recipeWith({ frozenEpochs: 1 });
    recipe.step(batch, 1);
    recipe.step(batch, 2);
    const state = recipe.state();
    const { loss } = recipe.step(batch, 2);
    const expected = recipe.state();
    recipe.dispose();
    const settings = jointConfig({ category: 'x', frozenEpochs: 1 });
    const resumed = new JointRecipe(student, autoEncoders, settings);
    resumed.restore(state);
    assert.equal(resumed.step(batch, 2).loss, loss);
    assert.deepEqual(resumed.state(), expected);
    resumed.dispose();
  });

  it('reports a loss that is no number, and leaves everything as it was', () => {
    const { batch } = networks;
    const recipe = recipeWith({ frozenEpochs: 0 });
    const before = recipe.state();
    const images = tf.tidy(() => tf.mul<Tensor4D>(batch.images, NaN));
    assert.ok(Number.isNaN(recipe.step({ ...batch, images }, 1).loss));
    assert.deepEqual(recipe.state(), before);
    images.dispose();
    recipe.dispose();
  });

  it('has a model with the names of both networks, and no others', () => {
    const recipe = recipeWith({});
    const names = [...studentArrays().keys(), ...autoEncoderArrays(CONFIG).keys()];
    assert.deepEqual([...recipe.model().keys()].sort(), names.sort());
    recipe.dispose();
  });

  for (const settings of [
    { reconstruction: 'unit' },
    { stopGradient: true },
    { alpha: 0 },
    { dynamicAlpha: 0.1 },
    { clipOver: 'all' },
  ] as const) {
    it(`leaves no tensor behind in a step, and none at all when disposed of (${Object.keys(settings).join()})`, () => {
      const { batch } = networks;
      const { tensors } = tensorCount();
      const recipe = recipeWith({ frozenEpochs: 1, ...settings });
      const again = () => {
        recipe.step(batch, 2);
        recipe.restore(recipe.state());
        recipe.step(batch, 1);
      };
      again();
      const before = tensorCount();
      again();
      assert.deepEqual(tensorCount(), before);
      recipe.dispose();
      assert.equal(tensorCount().tensors, tensors);
    });
  }
});
