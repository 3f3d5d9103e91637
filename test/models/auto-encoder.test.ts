import assert from 'node:assert/strict';
import { tf } from '../../src/lib/engine/index';
import type { Tensor4D, Variable } from '../../src/lib/engine/index';
import { autoEncode, autoEncoderShapes } from '../../src/lib/models/auto-encoder';
import { autoEncoderConfigSchema } from '../../src/lib/models/auto-encoder-config';
import type { AutoEncoderConfigInput } from '../../src/lib/models/auto-encoder-config';
import { autoEncoderSteps } from '../../src/lib/models/auto-encoder-steps';
import {
  autoEncoderPrefix,
  autoEncodersShapes,
  initialiseAutoEncoders,
} from '../../src/lib/models/auto-encoders';
import { levelReconstructions } from '../../src/lib/models/feature-maps';
import type { LevelFeatures } from '../../src/lib/models/feature-maps';
import { toTorchLayout } from '../../src/lib/models/layout';
import { mirrorMargin } from '../../src/lib/models/mirror-margin';
import { ParameterStore } from '../../src/lib/models/parameter-store';
import { LEVEL_CHANNELS } from '../../src/lib/models/resnet18';
import { Random } from '../../src/lib/random/random';
import { readGolden } from '../engine/golden';
import { assertNoTensorLeak } from '../engine/tensor-count';
import { fill } from './fill';
import { assertSketch } from './sketch';

interface GoldenAutoEncoder {
  config: AutoEncoderConfigInput;
  parameters: Record<string, number[]>;
  output: number[];
  inputGradient: number[];
  gradients: Record<string, number[]>;
}

const cases = readGolden<Record<string, GoldenAutoEncoder>>('models', 'auto-encoder.json');
const DEPTH = 8;
const INPUT: [number, number, number, number] = [2, 16, 24, DEPTH];

const size = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);

function filledStore(shapes: Map<string, number[]>, stream: number): ParameterStore {
  return ParameterStore.fromArrays(
    new Map(
      [...shapes].map(([name, shape], i) => [name, { shape, data: fill(shape, stream + i, 0.3) }]),
    ),
  );
}

describe('autoEncoder', () => {
  it('has the parameters that the paper’s widths give', () => {
    const config = autoEncoderConfigSchema.parse({});
    const count = (depth: number) =>
      [...autoEncoderShapes(config, depth).values()].reduce((sum, shape) => sum + size(shape), 0);
    assert.deepEqual([64, 128, 256].map(count), [747_424, 2_987_840, 11_947_648]);
    const all = [...autoEncodersShapes(config).values()].reduce((sum, s) => sum + size(s), 0);
    assert.equal(all, 15_682_912);
  });

  for (const [name, golden] of Object.entries(cases)) {
    it(`gives PyTorch's output and gradients (${name})`, () => {
      const config = autoEncoderConfigSchema.parse(golden.config);
      const shapes = autoEncoderShapes(config, DEPTH);
      assert.deepEqual(Object.fromEntries(shapes), golden.parameters);
      const store = filledStore(shapes, 600);
      tf.tidy(() => {
        const x = tf.variable(tf.tensor4d(fill(INPUT, 590, 2), INPUT));
        const weights = tf.tensor4d(fill(INPUT, 591), INPUT);
        assertSketch(autoEncode(store, x as Tensor4D, config).dataSync(), golden.output, 1e-5, 'A');
        const variables: [string, Variable][] = [...store.parameters];
        const { grads } = tf.variableGrads(
          () => tf.sum(tf.mul(autoEncode(store, x as Tensor4D, config), weights)),
          [x as Variable, ...variables.map(([, variable]) => variable)],
        );
        assertSketch(grads[x.name].dataSync(), golden.inputGradient, 1e-5, 'input gradient');
        for (const [parameter, variable] of variables) {
          const { data } = toTorchLayout(grads[variable.name]);
          assertSketch(data, golden.gradients[parameter], 1e-5, `gradient of ${parameter}`);
        }
        x.dispose();
      });
      store.dispose();
    });
  }

  it('refuses sizes that three poolings do not divide, saying which would do', () => {
    const config = autoEncoderConfigSchema.parse({});
    const store = filledStore(autoEncoderShapes(config, DEPTH), 600);
    tf.tidy(() => {
      assert.throws(() => autoEncode(store, tf.zeros([1, 12, 16, DEPTH]), config), {
        message: /multiples of 8, found 12 x 16: choose an image size that is a multiple of 128/,
      });
    });
    store.dispose();
  });

  it('refuses widths that are no whole channels', () => {
    const config = autoEncoderConfigSchema.parse({ widths: [0.3, 1, 2] });
    assert.throws(() => autoEncoderShapes(config, 64), /whole channels, found 19.2/);
  });

  it('leaves no tensor behind', () => {
    const config = autoEncoderConfigSchema.parse({ crop: 4 });
    const store = filledStore(autoEncoderShapes(config, DEPTH), 600);
    const x = tf.tensor4d(fill(INPUT, 590), INPUT);
    assertNoTensorLeak(() => tf.tidy(() => void autoEncode(store, x, config)));
    x.dispose();
    store.dispose();
  });
});

describe('autoEncoderSteps', () => {
  for (const [name, { config: input }] of Object.entries(cases)) {
    it(`tells every step with its shape and all parameters (${name})`, () => {
      const config = autoEncoderConfigSchema.parse(input);
      const steps = autoEncoderSteps(config, DEPTH, 16);
      const all = [...autoEncoderShapes(config, DEPTH).values()];
      assert.equal(
        steps.reduce((sum, { parameters }) => sum + parameters, 0),
        all.reduce((sum, shape) => sum + size(shape), 0),
      );
      assert.deepEqual(steps[steps.length - 1].shape, [16, 16, DEPTH]);
    });
  }
});

describe('levelReconstructions', () => {
  it('gives what the auto-encoders make of features, copied out', () => {
    const config = autoEncoderConfigSchema.parse({ kind: 'basic', widths: [0.25, 1, 1] });
    const arrays = initialiseAutoEncoders(config, Random.fromSeed(0));
    const store = ParameterStore.fromArrays(arrays);
    const features = LEVEL_CHANNELS.map((depth): LevelFeatures => {
      const shape: LevelFeatures['shape'] = [4, 6, depth];
      return { shape, data: fill(shape, 595) };
    });
    const found = levelReconstructions({ config, store }, features);
    found.forEach(({ shape, data }, level) => {
      assert.deepEqual(shape, features[level].shape);
      const expected = tf.tidy(() => {
        const x = tf.tensor4d(features[level].data, [1, ...shape]);
        return autoEncode(store, x, config, autoEncoderPrefix(level)).dataSync();
      });
      assert.deepEqual(data, expected);
    });
    store.dispose();
  });
});

describe('mirrorMargin', () => {
  it('mirrors rows and columns without the border itself', () => {
    tf.tidy(() => {
      const x = tf.reshape(tf.range(1, 10), [1, 3, 3, 1]) as Tensor4D;
      const rows = (tf.squeeze(mirrorMargin(x, 2)) as unknown as { arraySync(): number[][] })
        .arraySync()
        .map((row) => row.join(''));
      assert.deepEqual(rows, [
        '9878987',
        '6545654',
        '3212321',
        '6545654',
        '9878987',
        '6545654',
        '3212321',
      ]);
      assert.throws(() => mirrorMargin(x, 3), /margin below 3/);
    });
  });
});

describe('initialiseAutoEncoders', () => {
  const config = autoEncoderConfigSchema.parse({ widths: [0.25, 0.5, 1] });

  it("fills PyTorch's range, 1 / sqrt(fan_in), evenly", () => {
    const arrays = initialiseAutoEncoders(config, Random.fromSeed(0));
    const bounds: [string, number][] = [
      ['autoencoder1.down1.conv1.weight', 1 / Math.sqrt(64 * 9)],
      ['autoencoder1.down1.conv1.bias', 1 / Math.sqrt(64 * 9)],
      // Of a transposed convolution PyTorch counts the output channels.
      ['autoencoder3.up2.transpose.weight', 1 / Math.sqrt(128 * 4)],
    ];
    for (const [name, bound] of bounds) {
      const { data } = arrays.get(name)!;
      const largest = data.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      assert.ok(largest <= bound * 1.000001 && largest > bound * 0.8, `${name}: ${largest}`);
      if (data.length < 1000) continue;
      const variance = data.reduce((sum, value) => sum + value ** 2, 0) / data.length;
      assert.ok(Math.abs(variance / (bound ** 2 / 3) - 1) < 0.1, `${name}: variance ${variance}`);
    }
  });

  it('is a function of the seed', () => {
    const make = (seed: number) => initialiseAutoEncoders(config, Random.fromSeed(seed));
    assert.deepEqual(make(1), make(1));
    assert.notDeepEqual(make(1), make(2));
  });
});
