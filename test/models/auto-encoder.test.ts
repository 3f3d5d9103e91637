import assert from 'node:assert/strict';
import { tf } from '../../src/lib/engine/index';
import type { Tensor4D, Variable } from '../../src/lib/engine/index';
import {
  autoEncode,
  autoEncoderConfigSchema,
  autoEncoderShapes,
} from '../../src/lib/models/auto-encoder';
import type { AutoEncoderConfigInput } from '../../src/lib/models/auto-encoder';
import { ParameterStore, toTorchLayout } from '../../src/lib/models/parameter-store';
import { assertNoTensorLeak } from '../engine/tensor-count';
import { AUTO_ENCODER_DEPTH, readAutoEncoderCases } from './auto-encoder-cases';
import { fill } from './fill';
import { assertSketch } from './sketch';

const cases = readAutoEncoderCases();
const DEPTH = AUTO_ENCODER_DEPTH;
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

  it('refuses odd sides in its smallest kind too, and counts the margin in', () => {
    const refused = (settings: AutoEncoderConfigInput, side: number, message: RegExp) => {
      const config = autoEncoderConfigSchema.parse(settings);
      const store = filledStore(autoEncoderShapes(config, DEPTH), 600);
      tf.tidy(() => {
        const x: Tensor4D = tf.zeros([1, side, side, DEPTH]);
        assert.throws(() => autoEncode(store, x, config), { name: 'RangeError', message });
      });
      store.dispose();
    };
    refused({ kind: 'basic' }, 7, /margin of 0, are multiples of 2, found 7 x 7: .* of 32/);
    refused({ crop: 4 }, 12, /margin of 4, are multiples of 8, found 12 x 12/);
    refused({ crop: 8 }, 8, /margin below 8, the features' side, found 8/);
  });

  it('closes with a head wherever the channels would not come out right', () => {
    const names = (settings: AutoEncoderConfigInput) => [
      ...autoEncoderShapes(autoEncoderConfigSchema.parse(settings), DEPTH).keys(),
    ];
    assert.ok(!names({}).includes('head.weight'));
    assert.ok(names({ head: true }).includes('head.weight'));
    assert.ok(names({ widths: [1, 1, 2] }).includes('head.weight'));
    assert.ok(names({ decoderConvolutions: true }).includes('head.weight'));
    assert.ok(!names({ kind: 'basic', widths: [0.25, 1, 1] }).includes('head.weight'));
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
