import assert from 'node:assert/strict';
import { tf } from '../../../src/lib/engine/index';
import { ParameterStore } from '../../../src/lib/models/parameter-store';
import {
  fusedMaps,
  fusionHeadShapes,
  fusionLogits,
  initialiseFusionHead,
} from '../../../src/lib/methods/fusion/fusion-head';
import {
  coarseMask,
  FusionData,
  headInput,
  mapBatch,
} from '../../../src/lib/methods/fusion/head-data';
import { FusionRecipe } from '../../../src/lib/methods/fusion/head-training';
import { Random } from '../../../src/lib/random/random';
import type { NamedArrays } from '../../../src/lib/weights/named-arrays';
import { readGolden } from '../../engine/golden';
import { tensorCount } from '../../engine/tensor-count';
import { assertNear } from '../../metrics/assert-near';
import { fill } from '../../models/fill';
import { assertSketch, storageError } from '../../models/sketch';

const { training: golden } = readGolden<{
  training: {
    shapes: Record<string, number[]>;
    size: [number, number, number, number];
    inference: number[];
    loss: number;
    gradients: Record<string, number[]>;
    changes: Record<string, number[]>;
  };
}>('methods', 'fusion.json');

const [count, channels, height, width] = golden.size;
const pixels = height * width;
const all = Array.from({ length: count }, (_, i) => i);

const input = { count, channels, height, width, data: fill(golden.size, 880, 0.5, 0.5) };
const masks = Uint8Array.from(fill([count, height, width], 881), (value) => +(value > 0.6));
const SETTINGS = { learningRate: 1e-3, weightDecay: 1e-4, steps: 1e9 };

function filledHead(): NamedArrays {
  return new Map(
    [...fusionHeadShapes(channels)].map(([name, shape], i) => {
      if (shape.length === 4) return [name, { shape, data: fill(shape, 900 + i, 0.2) }];
      const offset = name.endsWith('running_var') || name.endsWith('weight') ? 1 : 0;
      return [name, { shape, data: fill(shape, 900 + i, 0.25, offset) }];
    }),
  );
}

describe('The fusion head', () => {
  let head: ParameterStore;
  beforeEach(() => (head = ParameterStore.fromArrays(filledHead())));
  afterEach(() => head.dispose());

  it("has PyTorch's arrays and logits", () => {
    assert.deepEqual(Object.fromEntries(fusionHeadShapes(channels)), golden.shapes);
    tf.tidy(() => {
      const logits = fusionLogits(head, mapBatch(input, all));
      assertSketch(logits.dataSync(), golden.inference, 1e-5, 'logits');
    });
  });

  it("has PyTorch's loss and gradients, and takes AdamW's step", () => {
    const recipe = new FusionRecipe(head, SETTINGS);
    const batch = new FusionData(input, masks).batch(all);
    const { loss } = recipe.step(batch);
    batch.dispose();
    assertNear(loss, golden.loss, 1e-6 * golden.loss);
    const state = recipe.state();
    for (const [name, expected] of Object.entries(golden.gradients)) {
      // After one step, Adam's mean is a tenth of the gradient.
      const gradient = state.get(`adam.mean.${name}`)!.data.map((value) => value * 10);
      assertSketch(gradient, expected, 1e-4, `gradient of ${name}`);
    }
    for (const [name, { data }] of filledHead()) {
      const change = state.get(name)!.data.map((value, i) => value - data[i]);
      const expected = golden.changes[name];
      assertSketch(change, expected, 1e-3 + storageError(data, expected, 1), name);
    }
    recipe.dispose();
  });

  it('says how likely each position is defective, in the order of the images', () => {
    const many = { ...input, count: 2 * count, data: new Float32Array(2 * input.data.length) };
    many.data.set(input.data);
    many.data.set(input.data, input.data.length);
    fusedMaps(head, many);
    const before = tensorCount();
    const maps = fusedMaps(head, many);
    assert.deepEqual(tensorCount(), before);
    assert.ok(maps.every((value) => value >= 0 && value <= 1));
    assert.deepEqual(maps.subarray(0, count * pixels), maps.subarray(count * pixels));
    const one = { ...input, count: 1, data: input.data.subarray(0, channels * pixels) };
    fusedMaps(head, one).forEach((value, i) => assertNear(value, maps[i], 1e-6));
  });

  it('learns where the defects are', () => {
    const store = ParameterStore.fromArrays(initialiseFusionHead(1, Random.fromSeed(1)));
    const recipe = new FusionRecipe(store, { learningRate: 1e-2, weightDecay: 1e-4, steps: 60 });
    const random = Random.fromSeed(2);
    const size = { count: 16, channels: 1, height: 12, width: 12 };
    const truth = new Uint8Array(16 * 144);
    const data = new Float32Array(truth.length);
    for (let i = 0; i < truth.length; i++) {
      const [x, y, image] = [i % 12, Math.floor(i / 12) % 12, Math.floor(i / 144)];
      truth[i] = +(image % 3 > 0 && Math.abs(x - 3 - (image % 5)) < 2 && Math.abs(y - 6) < 2);
      data[i] = truth[i] + 0.5 * random.normal();
    }
    const source = new FusionData({ ...size, data }, truth);
    const losses = Array.from({ length: 60 }, () => {
      const batch = source.batch(Array.from({ length: 16 }, (_, i) => i));
      const { loss } = recipe.step(batch);
      batch.dispose();
      return loss;
    });
    assert.ok(losses[59] < 0.25 * losses[0], `${losses[0]} to ${losses[59]}`);
    recipe.dispose();
    store.dispose();
  });

  it('goes on from its state with the same numbers to the bit, the learning rate and mirroring too', () => {
    const settings = { ...SETTINGS, steps: 4 };
    const source = new FusionData(input, masks);
    const steps = (recipe: FusionRecipe, n: number) => {
      for (let i = 0; i < n; i++) {
        const batch = source.batch(all);
        recipe.step(batch);
        batch.dispose();
      }
    };
    const recipe = new FusionRecipe(head, settings);
    steps(recipe, 1);
    const state = recipe.state();
    steps(recipe, 2);
    const expected = recipe.state();
    recipe.dispose();
    const resumed = new FusionRecipe(head, settings);
    resumed.restore(state);
    steps(resumed, 2);
    assert.deepEqual(resumed.state(), expected);
    resumed.dispose();
  });

  it('begins as PyTorch does, with an own stream for each array', () => {
    const arrays = initialiseFusionHead(3, Random.fromSeed(0));
    assert.deepEqual([...arrays.keys()], [...fusionHeadShapes(3).keys()]);
    const bound = 1 / Math.sqrt(32 * 9);
    const { data } = arrays.get('block1.conv1.weight')!;
    assert.ok(data.every((value) => Math.abs(value) <= bound));
    assert.ok(data.some((value) => Math.abs(value) > 0.99 * bound));
    assert.deepEqual([...new Set(arrays.get('bn1.weight')!.data)], [1]);
    assert.deepEqual([...new Set(arrays.get('block2.bn2.running_var')!.data)], [1]);
    assert.deepEqual([...new Set(arrays.get('bn1.bias')!.data)], [0]);
    assert.notDeepEqual(data, arrays.get('block2.conv1.weight')!.data);
    assert.deepEqual(initialiseFusionHead(3, Random.fromSeed(0)), arrays);
  });
});

describe('headInput', () => {
  const maps = {
    count: 2,
    channels: 2,
    height: 1,
    width: 2,
    data: Float32Array.of(0.5, -1, 3, 6, 0, 1, 0, 1.5),
  };
  const scales = [
    { low: 0, high: 0.5 },
    { low: 1, high: 3 },
  ];

  it('takes the logarithm of level maps and leaves distances, both in units of the high quantile', () => {
    const { data } = headInput(maps, scales, ['level', 'distance']);
    const expected = [Math.log(2), 0, 1, 2, 0, Math.log(3), 0, 0.5];
    data.forEach((value, i) => assertNear(value, expected[i], 1e-7));
  });

  it('refuses other numbers of scales and kinds than of maps', () => {
    assert.throws(() => headInput(maps, scales, ['level']), /found 2 scales and 1 kinds/);
    assert.throws(() => headInput(maps, scales.slice(1), ['level', 'distance']), /1 scales/);
  });
});

describe('coarseMask', () => {
  it('marks a position where any pixel of it is marked', () => {
    const mask = Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 0, /**/ 0, 0, 0, 0, 0, 0, 0, 0);
    const coarse = coarseMask(mask, { height: 2, width: 8 }, { height: 1, width: 4 });
    assert.deepEqual(coarse, Uint8Array.of(0, 1, 0, 0));
  });

  it('refuses sizes that are not multiples', () => {
    assert.throws(
      () => coarseMask(new Uint8Array(15), { height: 3, width: 5 }, { height: 1, width: 2 }),
      /^RangeError: Expected a mask whose sides are multiples of 2 x 1, found 5 x 3\.$/,
    );
  });
});

describe('FusionData', () => {
  it('gives the maps and masks of the images asked for, in this order', () => {
    const batch = new FusionData(input, masks).batch([4, 1]);
    assert.deepEqual(batch.maps.shape, [2, height, width, channels]);
    assert.deepEqual(batch.masks.shape, [2, height, width, 1]);
    const maps = batch.maps.dataSync();
    // Position 7 of map 2 of image 1.
    assert.equal(maps[(pixels + 7) * channels + 2], input.data[(channels + 2) * pixels + 7]);
    assert.deepEqual(
      Uint8Array.from(batch.masks.dataSync()),
      Uint8Array.from([
        ...masks.subarray(4 * pixels, 5 * pixels),
        ...masks.subarray(pixels, 2 * pixels),
      ]),
    );
    batch.dispose();
  });

  it('refuses masks that do not fit, and images that are not there', () => {
    assert.throws(() => new FusionData(input, masks.subarray(1)), /^RangeError: Expected masks of/);
    assert.throws(() => new FusionData(input, masks).batch([count]), /index of one of 6 images/);
  });
});
