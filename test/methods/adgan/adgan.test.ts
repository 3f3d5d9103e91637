import assert from 'node:assert/strict';
import { tf } from '../../../src/lib/engine/index';
import type { Tensor4D } from '../../../src/lib/engine/index';
import { ADGAN } from '../../../src/lib/methods/adgan/adgan';
import {
  discriminatorShapes,
  generate,
  generatorShapes,
  initialiseDcgan,
} from '../../../src/lib/methods/adgan/dcgan';
import { AdganRecipe } from '../../../src/lib/methods/adgan/recipe';
import { LatentSearch } from '../../../src/lib/methods/adgan/search';
import { ParameterStore } from '../../../src/lib/models/parameter-store';
import { Random } from '../../../src/lib/random/random';
import { RunFolder } from '../../../src/lib/training/run-folder';
import { readSafetensors } from '../../../src/lib/weights/safetensors';
import type { NamedArrays } from '../../../src/lib/weights/named-arrays';
import { readGolden } from '../../engine/golden';
import { assertNoTensorLeak, tensorCount } from '../../engine/tensor-count';
import { assertNear } from '../../metrics/assert-near';
import { fill } from '../../models/fill';
import { assertSketch, storageError } from '../../models/sketch';
import { useTemporaryFolder } from '../../weights/temporary-folder';
import { fitAgainAndAgain, modelOf } from '../fit-again';
import { discs } from '../small-images';

type Sketches = Record<string, number[]>;
interface Golden {
  shapes: Record<'generator' | 'discriminator', Record<string, number[]>>;
  steps: {
    discriminator: number;
    generator: number;
    gradients: Record<'generator' | 'discriminator', Sketches>;
  }[];
  changes: Record<'generator' | 'discriminator', Sketches>;
  statistics: Sketches;
  noisy: {
    instanceNoise: number;
    epochs: number;
    averageDecay: number;
    /** Of each step: the discriminator's and the generator's. */
    losses: [number, number][];
    average: Sketches;
  };
  search: {
    latentSteps: number;
    jointSteps: number;
    latentLearningRate: number;
    generatorLearningRate: number;
    score: number;
    residual: number[];
  };
}

/** As in make_adgan.py. */
const SIZE = { side: 16, width: 4, latentSize: 6 };
const BATCH = 4;
const SETTINGS = {
  learningRate: 2e-4,
  latentSize: SIZE.latentSize,
  seed: 1,
  instanceNoise: 0,
  epochs: 2,
  averageDecay: 0,
};
const LATENT = {
  latent: (step: number, count: number) => {
    assert.equal(count, BATCH * SIZE.latentSize);
    return fill([count], 816 + step, 2);
  },
};
const PARTS = ['generator', 'discriminator'] as const;

const golden = readGolden<Golden>('methods', 'adgan.json');

/** Streams are counted over parameters alone, as PyTorch lists them. */
function filledArrays(shapes: Map<string, number[]>, stream: number): NamedArrays {
  let own = stream;
  return new Map(
    [...shapes].map(([name, shape]) => {
      const size = shape.reduce((product, side) => product * side, 1);
      const data = name.includes('running')
        ? new Float32Array(size).fill(name.endsWith('var') ? 1 : 0)
        : fill(shape, own++, 0.2, name.endsWith('bn.weight') ? 1 : 0);
      return [name, { shape, data }];
    }),
  );
}

const arraysOf = () => ({
  generator: filledArrays(generatorShapes(SIZE), 820),
  discriminator: filledArrays(discriminatorShapes(SIZE), 840),
});

/** @param index of the step */
function images(index: number): Tensor4D {
  const length = BATCH * SIZE.side ** 2 * 3;
  const values = fill([2 * length], 815).slice(index * length, (index + 1) * length);
  return tf.tensor4d(values, [BATCH, SIZE.side, SIZE.side, 3]);
}

function useNetworks(): () => Record<'generator' | 'discriminator', ParameterStore> {
  let networks: Record<'generator' | 'discriminator', ParameterStore>;
  beforeEach(() => {
    const { generator, discriminator } = arraysOf();
    networks = {
      generator: ParameterStore.fromArrays(generator),
      discriminator: ParameterStore.fromArrays(discriminator),
    };
  });
  afterEach(() => PARTS.forEach((part) => networks[part].dispose()));
  return () => networks;
}

describe('DCGAN', () => {
  it('has layers down to 4 x 4 for each side', () => {
    for (const side of [32, 64, 128]) {
      const size = { side, width: 2, latentSize: 3 };
      const store = ParameterStore.fromArrays(
        initialiseDcgan(generatorShapes(size), Random.fromSeed(1)),
      );
      tf.tidy(() => {
        const y = generate(store, tf.ones([2, 1, 1, 3]));
        assert.deepEqual(y.shape, [2, side, side, 3]);
      });
      store.dispose();
    }
    const count = (shapes: Map<string, number[]>) =>
      [...shapes]
        .filter(([name]) => !name.includes('running'))
        .reduce((sum, [, shape]) => sum + shape.reduce((a, b) => a * b, 1), 0);
    // PyTorch's DCGAN example at 64 x 64 has as many, without the 3 biases of the image.
    const size = { side: 64, width: 64, latentSize: 100 };
    assert.equal(count(generatorShapes(size)), 3_576_704 + 3);
    assert.equal(count(discriminatorShapes(size)), 2_765_568);
  });

  it('begins with weights of deviation 0.02, batch norms around 1', () => {
    const size = { side: 64, width: 16, latentSize: 100 };
    const arrays = initialiseDcgan(generatorShapes(size), Random.fromSeed(1));
    const moments = (name: string) => {
      const { data } = arrays.get(name)!;
      const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
      const squares = data.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      return [mean, Math.sqrt(squares / data.length)];
    };
    const [mean, deviation] = moments('up2.conv.weight');
    assertNear(mean, 0, 1e-3);
    assertNear(deviation, 0.02, 1e-3);
    assertNear(moments('up1.bn.weight')[0], 1, 0.01);
    assert.deepEqual(moments('up1.bn.running_var'), [1, 0]);
    assert.deepEqual(moments('up1.bn.bias'), [0, 0]);
    assert.deepEqual(moments('image.bias'), [0, 0]);
  });
});

describe('AdganRecipe', () => {
  const networks = useNetworks();

  const make = () =>
    new AdganRecipe(networks().generator, networks().discriminator, SETTINGS, LATENT);

  it("has PyTorch's losses, gradients, updated weights and running statistics", () => {
    const before = arraysOf();
    for (const part of PARTS) {
      const found = new Map([...before[part]].map(([name, { shape }]) => [name, shape]));
      assert.deepEqual(Object.fromEntries(found), golden.shapes[part]);
    }
    const recipe = make();
    golden.steps.forEach((expected, i) => {
      const batch = images(i);
      const found = recipe.step({ images: batch }, i + 1);
      batch.dispose();
      for (const part of PARTS) assertNear(found[part], expected[part], 2e-5, `${part} ${i}`);
      assert.equal(found.loss, found.discriminator + found.generator);
      if (i > 0) return;
      // After one step with a beta1 of 0.5, Adam's mean is half the gradient.
      const state = recipe.state();
      for (const part of PARTS) {
        for (const [name, sketch] of Object.entries(expected.gradients[part])) {
          const gradient = state.get(`adam.${part}.mean.${name}`)!.data.map((value) => value * 2);
          assertSketch(gradient, sketch, 1e-4, `gradient of ${part} ${name}`);
        }
      }
    });
    for (const part of PARTS) {
      const after = networks()[part].toArrays();
      for (const [name, sketch] of Object.entries(golden.changes[part])) {
        const start = before[part].get(name)!.data;
        const change = after.get(name)!.data.map((value, i) => value - start[i]);
        const tolerance = 5e-3 + storageError(start, sketch, 2);
        assertSketch(change, sketch, tolerance, `change of ${part} ${name}`);
      }
    }
    const model = recipe.model();
    for (const [name, sketch] of Object.entries(golden.statistics)) {
      assertSketch(model.get(name)!.data, sketch, 1e-5, name);
    }
    recipe.dispose();
  });

  it("has PyTorch's losses and average of weights with noise on the images", () => {
    const { losses, average, ...settings } = golden.noisy;
    const { generator, discriminator } = networks();
    const recipe = new AdganRecipe(
      generator,
      discriminator,
      { ...SETTINGS, ...settings },
      { ...LATENT, instance: (step, count) => fill([count], 830 + step, 2) },
    );
    const before = arraysOf().generator;
    losses.forEach(([expectedDiscriminator, expectedGenerator], i) => {
      const batch = images(i);
      const found = recipe.step({ images: batch }, i + 1);
      batch.dispose();
      assertNear(found.discriminator, expectedDiscriminator, 2e-5);
      assertNear(found.generator, expectedGenerator, 2e-5);
    });
    const model = recipe.model();
    assert.deepEqual([...model.keys()].sort(), Object.keys(average).sort());
    for (const [name, sketch] of Object.entries(average)) {
      const { data } = model.get(name)!;
      assertSketch(data, sketch, 1e-5, name);
      // It is neither where the weights began nor where they are.
      assert.notDeepEqual(data, before.get(name)!.data, name);
      assert.notDeepEqual(data, generator.toArrays().get(name)!.data, name);
    }
    recipe.dispose();
  });

  it('lets the noise fall from epoch to epoch, and draws a new one in each step', () => {
    const drawn: number[] = [];
    const recipe = new AdganRecipe(
      networks().generator,
      networks().discriminator,
      { ...SETTINGS, instanceNoise: 0.5, epochs: 4 },
      {
        ...LATENT,
        instance: (step, count) => {
          drawn.push(step, count);
          return fill([count], 830 + step, 2);
        },
      },
    );
    const deviations = [1, 2, 3, 4].map((epoch) => recipe.instanceNoiseIn(epoch));
    assert.deepEqual(deviations, [0.5, 0.375, 0.25, 0.125]);
    const batch = { images: images(0) };
    recipe.step(batch, 1);
    recipe.step(batch, 1);
    assert.deepEqual(drawn, [0, batch.images.size, 1, batch.images.size]);
    batch.images.dispose();
    recipe.dispose();
  });

  it('goes on from its state with the same numbers to the bit, noise and average included', () => {
    const settings = { ...SETTINGS, instanceNoise: 0.5, averageDecay: 0.9 };
    const make = () => new AdganRecipe(networks().generator, networks().discriminator, settings);
    const recipe = make();
    const batch = { images: images(0) };
    recipe.step(batch, 1);
    const state = recipe.state();
    const numbers = recipe.step(batch, 2);
    const expected = [recipe.state(), recipe.model()];
    const resumed = make();
    resumed.restore(state);
    assert.deepEqual(resumed.step(batch, 2), numbers);
    assert.deepEqual([resumed.state(), resumed.model()], expected);
    batch.images.dispose();
    recipe.dispose();
    resumed.dispose();
  });

  it('reports a loss that is no number, and leaves everything as it was', () => {
    const recipe = make();
    const broken = tf.fill([BATCH, SIZE.side, SIZE.side, 3], NaN) as Tensor4D;
    assert.ok(Number.isNaN(recipe.step({ images: broken }, 1).loss));
    assert.deepEqual(networks().discriminator.toArrays(), arraysOf().discriminator);
    broken.dispose();
    recipe.dispose();
  });

  it('leaves no tensor behind in a step, and none at all when disposed of', () => {
    const { tensors } = tensorCount();
    const recipe = new AdganRecipe(networks().generator, networks().discriminator, {
      ...SETTINGS,
      instanceNoise: 0.5,
      averageDecay: 0.9,
    });
    const batch = { images: images(0) };
    assertNoTensorLeak(() => recipe.step(batch, 1));
    batch.images.dispose();
    recipe.dispose();
    assert.equal(tensorCount().tensors, tensors);
  });
});

describe('LatentSearch', () => {
  const networks = useNetworks();
  const settings = {
    ...golden.search,
    latentSize: SIZE.latentSize,
    seeds: 2,
    seed: 1,
  };

  /** The generator after the two steps of training. */
  function trained(): ParameterStore {
    const { generator, discriminator } = networks();
    const recipe = new AdganRecipe(generator, discriminator, SETTINGS, LATENT);
    for (const i of [0, 1]) {
      const batch = images(i);
      recipe.step({ images: batch }, i + 1);
      batch.dispose();
    }
    recipe.dispose();
    return generator;
  }

  it("ends where PyTorch's does", async () => {
    const search = new LatentSearch(trained(), settings, fill([2, SIZE.latentSize], 818, 2));
    const all = images(0);
    const results = await search.search(all);
    assert.equal(results.length, BATCH);
    assertNear(results[0].score, golden.search.score, 1e-3 * golden.search.score);
    assertSketch(results[0].residual, golden.search.residual, 1e-3, 'residual');
    all.dispose();
    search.dispose();
  });

  it('lowers the residual with every kind of step, and leaves the generator as it was', async () => {
    const generator = trained();
    const before = generator.toArrays();
    const image = tf.tidy(() => tf.slice(images(0), 0, 1)) as Tensor4D;
    const score = async (latentSteps: number, jointSteps: number, rate = 1e-3) => {
      const steps = { latentSteps, jointSteps, generatorLearningRate: rate };
      const search = new LatentSearch(generator, { ...settings, ...steps });
      const [first] = await search.search(image);
      const [again] = await search.search(image);
      // Each search begins with the trained weights.
      assert.deepEqual(again, first);
      search.dispose();
      return first.score;
    };
    const scores = [await score(0, 0), await score(0, 3), await score(20, 0), await score(20, 3)];
    assert.ok(scores[1] < scores[0] && scores[2] < scores[0] && scores[3] < scores[2], `${scores}`);
    assert.ok((await score(20, 3, 1e-2)) < scores[3]);
    assert.deepEqual(generator.toArrays(), before);
    image.dispose();
  });

  it('leaves no tensor behind', async () => {
    const generator = trained();
    const image = images(0);
    const searchOnce = async () => {
      const search = new LatentSearch(generator, settings);
      await search.search(image);
      search.dispose();
    };
    // The first use of the image brings it into the engine.
    await searchOnce();
    const before = tensorCount();
    await searchOnce();
    assert.deepEqual(tensorCount(), before);
    image.dispose();
  });
});

describe('the ADGAN method', () => {
  const inFolder = useTemporaryFolder();
  const SIDE = 64;
  const config = ADGAN.schema.parse({
    category: 'discs',
    imageSize: SIDE,
    networkSize: 32,
    width: 8,
    latentSize: 8,
    epochs: 60,
    batchSize: 6,
    learningRate: 1e-3,
    shift: 1,
    seeds: 3,
    latentSteps: 40,
    jointSteps: 2,
    averageDecay: 0.9,
  });
  const empty = { count: 0, height: SIDE, width: SIDE, data: new Uint8Array() };
  const normal = { train: discs(12, SIDE), heldOut: empty };
  const teacher = null as unknown as ParameterStore;

  it('finds what it has not learned, where it is', async () => {
    const before = tensorCount();
    const run = new RunFolder(inFolder('run'));
    const fitted = await ADGAN.fit(normal, config, { teacher, run, header: {} });
    assert.equal(fitted.modelEpoch, 60);
    assert.deepEqual(
      [...modelOf(fitted).keys()].sort(),
      [...generatorShapes({ side: 32, width: 8, latentSize: 8 }).keys()].sort(),
    );
    const judge = ADGAN.open(modelOf(fitted), config, teacher);
    const good = await judge.judge(discs(3, SIDE, { seed: 2 }), [0, 1, 2], {});
    const bad = await judge.judge(discs(3, SIDE, { seed: 2, isDefective: true }), [0, 1, 2], {});
    const scores = (judged: { score: number }[]) => judged.map(({ score }) => score);
    assert.ok(
      Math.max(...scores(good)) < Math.min(...scores(bad)),
      `${scores(good)} ${scores(bad)}`,
    );
    const { map } = bad[1];
    assert.equal(map!.length, SIDE * SIDE);
    const highest = map!.indexOf(Math.max(...map!));
    assertNear((highest % SIDE) / SIDE, 0.5, 0.15, 'x');
    assertNear(Math.floor(highest / SIDE) / SIDE, 0.4, 0.15, 'y');
    judge.dispose();
    // And the same from what was saved.
    const { arrays } = readSafetensors(run.file('model.safetensors'));
    const opened = ADGAN.open(arrays, config, teacher);
    assert.deepEqual(await opened.judge(discs(3, SIDE, { seed: 2 }), [0, 1, 2], {}), good);
    opened.dispose();
    // The score is the paper's loss of the whole image, or the highest of the map, which smoothing lowers.
    const highestScores: number[] = [];
    for (const smoothing of [4, 0]) {
      const other = ADGAN.open(arrays, { ...config, imageScore: 'max', smoothing }, teacher);
      const [only] = await other.judge(discs(3, SIDE, { seed: 2, isDefective: true }), [1], {});
      assert.equal(only.score, Math.max(...only.map!));
      highestScores.push(only.score);
      other.dispose();
    }
    assert.equal(highestScores[0], Math.max(...map!));
    assert.ok(highestScores[1] > highestScores[0] && highestScores[0] > bad[1].score);
    assert.deepEqual(tensorCount().tensors, before.tensors);
  });

  it('goes on after an interruption with the numbers of a training that never stopped', () =>
    fitAgainAndAgain(ADGAN, normal, { ...config, epochs: 3 }, inFolder));

  it('says what is wrong with a model of other settings', () => {
    const model = arraysOf().generator;
    assert.throws(() => ADGAN.open(model, config, teacher), /"up[13]\.\S+"/);
  });
});
