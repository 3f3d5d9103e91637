import assert from 'node:assert/strict';
import { tf } from '../../../src/lib/engine/index';
import type { Tensor4D } from '../../../src/lib/engine/index';
import { imageOf } from '../../../src/lib/data/image';
import { VaeJudge } from '../../../src/lib/methods/vae/judge';
import type { VaeJudgeSettings } from '../../../src/lib/methods/vae/judge';
import {
  negativeLogLikelihood,
  negativeLogLikelihoodMap,
  pixelGaussian,
} from '../../../src/lib/methods/vae/likelihood';
import { vaeShapes } from '../../../src/lib/methods/vae/network';
import { VaeRecipe } from '../../../src/lib/methods/vae/recipe';
import { VAE } from '../../../src/lib/methods/vae/vae';
import { ParameterStore } from '../../../src/lib/models/parameter-store';
import { RunFolder } from '../../../src/lib/training/run-folder';
import { readSafetensors } from '../../../src/lib/weights/safetensors';
import { assertArraysNear } from '../../engine/assert-arrays-near';
import { assertSameAsTwin, filled } from '../../engine/composed-twin';
import { readGolden } from '../../engine/golden';
import { assertNoTensorLeak, tensorCount } from '../../engine/tensor-count';
import { assertNear } from '../../metrics/assert-near';
import { fill } from '../../models/fill';
import { assertSketch, storageError } from '../../models/sketch';
import { useTemporaryFolder } from '../../weights/temporary-folder';
import { fitAgainAndAgain, modelOf } from '../fit-again';
import { discs } from '../small-images';

interface Golden {
  shapes: Record<string, number[]>;
  steps: Record<'loss' | 'negativeLogLikelihood' | 'divergence', number>[];
  gradients: Record<string, number[]>;
  changes: Record<string, number[]>;
  likelihood: { output: number[]; x: number[]; map: number[] };
}

/** As in make_vae.py. */
const SIZE = { side: 32, width: 4, latentSize: 5 };
const BATCH = 3;
/** The weight of the divergence is 0.5 in the first epoch and 1 in the second. */
const SETTINGS = { learningRate: 1e-3, beta: 1, warmUpEpochs: 1, minLogVariance: -6, seed: 1 };

const golden = readGolden<Golden>('methods', 'vae.json');

const arrays = () =>
  new Map(
    [...vaeShapes(SIZE)].map(([name, shape], i) => [
      name,
      { shape, data: fill(shape, 800 + i, 0.3) },
    ]),
  );

const images = () => {
  const shape: [number, number, number, number] = [BATCH, SIZE.side, SIZE.side, 3];
  return tf.tensor4d(fill(shape, 790, 0.5, 0.5), shape);
};

describe('the likelihood of pixels', () => {
  const { output, x, map } = golden.likelihood;
  const inputs = () =>
    [tf.tensor4d(output, [2, 3, 2, 6]), tf.tensor4d(x, [2, 3, 2, 3])] as [Tensor4D, Tensor4D];

  it("is PyTorch's, at each pixel and in sum", () => {
    tf.tidy(() => {
      const values = negativeLogLikelihoodMap(...inputs(), -6).dataSync();
      assertArraysNear(values, map, 1e-5);
      const [sum] = negativeLogLikelihood(...inputs(), -6).dataSync();
      const expected = 3 * map.reduce((total, value) => total + value, 0);
      assertNear(sum, expected, 1e-5 * Math.abs(expected));
    });
  });

  it('has the gradients of its composed twin', () => {
    const pair = [filled([2, 4, 3, 6], 797, 4), filled([2, 4, 3, 3], 798)];
    assertSameAsTwin(
      (a, b) => negativeLogLikelihood(a as Tensor4D, b as Tensor4D, -2),
      (a, b) => {
        const [mean, raw] = tf.split(a, 2, 3);
        const logVariance = tf.add(tf.softplus(tf.add(raw, 2)), -2);
        const squares = tf.mul(tf.square(tf.sub(b, mean)), tf.exp(tf.neg(logVariance)));
        const terms = tf.add(tf.add(logVariance, Math.log(2 * Math.PI)), squares);
        return tf.mul(tf.sum(terms), 0.5);
      },
      pair,
      1e-5,
    );
    tf.dispose(pair);
  });

  it('bounds the variance from below, however sure the decoder is', () => {
    tf.tidy(() => {
      const { logVariance } = pixelGaussian(tf.tensor4d([0, -1000, 0, 3], [1, 1, 2, 2]), -6);
      const [low, high] = logVariance.dataSync();
      assert.equal(low, -6);
      assertNear(high, 3, 1e-3);
    });
  });
});

describe('VaeRecipe', () => {
  const make = (store: ParameterStore) =>
    new VaeRecipe(store, SETTINGS, (step, count) => {
      assert.equal(count, BATCH * SIZE.latentSize);
      return fill([count], 791 + step, 2);
    });

  it("has PyTorch's losses, gradients and updated weights", () => {
    assert.deepEqual(Object.fromEntries(vaeShapes(SIZE)), golden.shapes);
    const before = arrays();
    const store = ParameterStore.fromArrays(before);
    const recipe = make(store);
    const batch = { images: images() };
    golden.steps.forEach((expected, i) => {
      const found = recipe.step(batch, i + 1);
      for (const name of ['loss', 'negativeLogLikelihood', 'divergence'] as const) {
        assertNear(found[name], expected[name], 2e-5 * Math.abs(expected[name]), `${name} ${i}`);
      }
      assert.equal(found.beta, [0.5, 1][i]);
      if (i > 0) return;
      // After one step, Adam's mean is a tenth of the gradient.
      const state = recipe.state();
      for (const [name, sketch] of Object.entries(golden.gradients)) {
        const gradient = state.get(`adam.mean.${name}`)!.data.map((value) => value * 10);
        assertSketch(gradient, sketch, 1e-4, `gradient of ${name}`);
      }
    });
    const after = recipe.model();
    for (const [name, sketch] of Object.entries(golden.changes)) {
      const start = before.get(name)!.data;
      const change = after.get(name)!.data.map((value, i) => value - start[i]);
      assertSketch(change, sketch, 2e-3 + storageError(start, sketch, 2), `change of ${name}`);
    }
    batch.images.dispose();
    recipe.dispose();
    store.dispose();
  });

  it('goes on from its state with the same numbers to the bit, noise included', () => {
    const [store, other] = [arrays(), arrays()].map((values) => ParameterStore.fromArrays(values));
    const batch = { images: images() };
    const recipe = new VaeRecipe(store, SETTINGS);
    recipe.step(batch, 1);
    const state = recipe.state();
    const numbers = recipe.step(batch, 1);
    const resumed = new VaeRecipe(other, SETTINGS);
    resumed.restore(state);
    assert.deepEqual(resumed.step(batch, 1), numbers);
    assert.deepEqual(resumed.state(), recipe.state());
    tf.dispose(batch.images);
    for (const each of [recipe, resumed, store, other]) each.dispose();
  });

  it('reports a loss that is no number, and leaves the weights as they were', () => {
    const store = ParameterStore.fromArrays(arrays());
    const recipe = new VaeRecipe(store, SETTINGS);
    const broken = tf.fill([2, SIZE.side, SIZE.side, 3], NaN) as Tensor4D;
    assert.ok(Number.isNaN(recipe.step({ images: broken }, 1).loss));
    assert.deepEqual(recipe.model(), arrays());
    broken.dispose();
    recipe.dispose();
    store.dispose();
  });

  it('leaves no tensor behind in a step, and none at all when disposed of', () => {
    const before = tensorCount();
    const store = ParameterStore.fromArrays(arrays());
    const recipe = new VaeRecipe(store, SETTINGS);
    const batch = { images: images() };
    assertNoTensorLeak(() => recipe.step(batch, 1));
    recipe.dispose();
    store.dispose();
    batch.images.dispose();
    assert.deepEqual(tensorCount().tensors, before.tensors);
  });
});

describe('VaeJudge', () => {
  const WHOLE: VaeJudgeSettings = {
    side: 32,
    stride: null,
    resizeFilter: 'bilinear',
    samples: 4,
    minLogVariance: -6,
    map: 'likelihood',
    smoothing: 0,
    imageScore: 'max',
    seed: 1,
  };
  let store: ParameterStore;
  beforeEach(() => {
    store = ParameterStore.fromArrays(arrays());
  });
  afterEach(() => store.dispose());

  const judged = (settings: Partial<VaeJudgeSettings>, stack = discs(2, 32), index = 0) => {
    const judge = new VaeJudge(store, SIZE.latentSize, { ...WHOLE, ...settings });
    const judgement = judge.judge(stack, index);
    judge.dispose();
    return judgement;
  };
  const total = (map: Float32Array) => map.reduce((sum, value) => sum + value, 0);

  it('scores by the largest value of the map, or by the sum over pixels and colours', () => {
    const { score, map } = judged({});
    assert.equal(map.length, 32 * 32);
    assert.equal(score, Math.max(...map));
    const summed = judged({ imageScore: 'sum' });
    assert.deepEqual(summed.map, map);
    assertNear(summed.score, 3 * total(map), 1e-5 * Math.abs(summed.score));
  });

  it('gives the map of larger images at their size, and blurs it there', () => {
    const { map } = judged({ smoothing: 2 }, discs(1, 64));
    assert.equal(map.length, 64 * 64);
    const sharp = judged({}, discs(1, 64)).map;
    assert.ok(Math.max(...map) < Math.max(...sharp));
    // The likelihood is that of what the networks saw.
    const { score } = judged({ imageScore: 'sum' }, discs(1, 64));
    assertNear(score, (3 * total(sharp)) / 4, 1e-2 * Math.abs(score));
  });

  it('averages the parts that cover a pixel', () => {
    const stack = discs(1, 48);
    const { map } = judged({ stride: 16 }, stack);
    const part = (left: number, top: number) => {
      const { data } = imageOf(stack, 0);
      const pixels = Array.from({ length: 32 }, (_, y) => {
        const from = 3 * ((y + top) * 48 + left);
        return [...data.subarray(from, from + 96)];
      });
      const single = { count: 1, height: 32, width: 32, data: Uint8Array.from(pixels.flat()) };
      return judged({}, single).map;
    };
    const parts = [part(0, 0), part(16, 0), part(0, 16), part(16, 16)];
    assertNear(map[0], parts[0][0], 1e-4 * Math.abs(map[0]), 'corner');
    const [x, y] = [20, 17];
    const values = [
      parts[0][y * 32 + x],
      parts[1][y * 32 + x - 16],
      parts[2][(y - 16) * 32 + x],
      parts[3][(y - 16) * 32 + x - 16],
    ];
    const mean = values.reduce((sum, value) => sum + value, 0) / 4;
    assertNear(map[y * 48 + x], mean, 1e-4 * Math.abs(mean), 'in the middle');
  });

  it('shows the error of the mean alone where it is asked to', () => {
    const error = judged({ map: 'error' }).map;
    assert.ok(error.every((value) => value >= 0));
    assert.notDeepEqual(error, judged({}).map);
  });

  it('leaves no tensor behind', () => {
    // The first use of the weights brings them into the engine.
    judged({}, discs(1, 32));
    const before = tensorCount();
    judged({ stride: 16 }, discs(1, 48));
    judged({}, discs(1, 64));
    assert.deepEqual(tensorCount(), before);
  });
});

describe('the VAE method', () => {
  const inFolder = useTemporaryFolder();
  const SIDE = 64;
  const config = VAE.schema.parse({
    category: 'discs',
    imageSize: SIDE,
    networkSize: 32,
    width: 8,
    latentSize: 8,
    epochs: 60,
    batchSize: 4,
    learningRate: 2e-3,
    warmUpEpochs: 5,
    samples: 3,
  });
  const empty = { count: 0, height: SIDE, width: SIDE, data: new Uint8Array() };
  const normal = { train: discs(12, SIDE), heldOut: empty };
  const teacher = null as unknown as ParameterStore;

  it('finds what it has not learned, where it is', async () => {
    const before = tensorCount();
    const run = new RunFolder(inFolder('run'));
    const fitted = await VAE.fit(normal, config, { teacher, run, header: {} });
    assert.equal(fitted.modelEpoch, 60);
    const judge = VAE.open(modelOf(fitted), config, teacher);
    const good = await judge.judge(discs(3, SIDE, { seed: 2 }), [0, 1, 2], {});
    const bad = await judge.judge(discs(3, SIDE, { seed: 2, isDefective: true }), [0, 1, 2], {});
    const scores = (judged: { score: number }[]) => judged.map(({ score }) => score);
    assert.ok(
      Math.max(...scores(good)) < Math.min(...scores(bad)),
      `${scores(good)} ${scores(bad)}`,
    );
    const { map } = bad[1];
    const highest = map!.indexOf(Math.max(...map!));
    assertNear((highest % SIDE) / SIDE, 0.5, 0.15, 'x');
    assertNear(Math.floor(highest / SIDE) / SIDE, 0.4, 0.15, 'y');
    // A verdict does not depend on what else is judged.
    const [alone] = await judge.judge(discs(3, SIDE, { seed: 2 }), [2], {});
    assert.deepEqual(alone, good[2]);
    judge.dispose();
    // And the same from what was saved.
    const { arrays } = readSafetensors(run.file('model.safetensors'));
    const opened = VAE.open(arrays, config, teacher);
    assert.deepEqual(await opened.judge(discs(3, SIDE, { seed: 2 }), [0, 1, 2], {}), good);
    opened.dispose();
    assert.deepEqual(tensorCount().tensors, before.tensors);
  });

  it('goes on after an interruption with the numbers of a training that never stopped', () =>
    fitAgainAndAgain(VAE, normal, { ...config, epochs: 3 }, inFolder));

  it('learns textures from parts', async () => {
    const parts = VAE.schema.parse({ ...config, patch: 32, epochs: 2 });
    const run = new RunFolder(inFolder('parts'));
    const fitted = await VAE.fit(normal, parts, { teacher, run, header: {} });
    const judge = VAE.open(modelOf(fitted), parts, teacher);
    const [{ map }] = await judge.judge(normal.train, [0], {});
    assert.ok(map!.length === SIDE * SIDE && map!.every(Number.isFinite));
    judge.dispose();
  });

  it('says what is wrong with its settings and with a model of other settings', () => {
    const parse = (settings: object) => VAE.schema.parse({ category: 'discs', ...settings });
    assert.throws(() => parse({ imageSize: 64, patch: 128 }), /at most the image size, 64, .* 128/);
    assert.throws(() => parse({ patch: 64, patchStride: 65 }), /at most a patch, 64, .* 65/);
    assert.throws(() => parse({ networkSize: 100 }), /multiple of 16/);
    const model = new Map(arrays());
    assert.throws(() => VAE.open(model, config, teacher), /"encoder\.conv1\.weight" of shape/);
  });
});
