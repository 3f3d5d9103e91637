import assert from 'node:assert/strict';
import { tf } from '../../src/lib/engine/index';
import {
  autoEncode,
  autoEncoderConfigSchema,
  autoEncoderPrefix,
  autoEncodersShapes,
  initialiseAutoEncoders,
  reconstruct,
} from '../../src/lib/models/auto-encoder';
import { ParameterStore } from '../../src/lib/models/parameter-store';
import { LEVEL_CHANNELS } from '../../src/lib/models/resnet18';
import type { FeaturePyramid } from '../../src/lib/models/resnet18';
import { Random } from '../../src/lib/random/random';
import { filled } from '../engine/composed-twin';

describe('autoEncodersShapes', () => {
  it('has the parameters of all three levels', () => {
    const shapes = [...autoEncodersShapes(autoEncoderConfigSchema.parse({})).values()];
    const sizes = shapes.map((shape) => shape.reduce((product, n) => product * n, 1));
    assert.equal(
      sizes.reduce((sum, size) => sum + size, 0),
      15_682_912,
    );
  });
});

describe('reconstruct', () => {
  it('gives each level to its own auto-encoder, in the size it has', () => {
    const config = autoEncoderConfigSchema.parse({ kind: 'basic', widths: [0.25, 1, 1] });
    const store = ParameterStore.fromArrays(initialiseAutoEncoders(config, Random.fromSeed(0)));
    tf.tidy(() => {
      const pyramid = LEVEL_CHANNELS.map((depth, level) =>
        filled([2, 8 / 2 ** level, 16 / 2 ** level, depth], 596 + level),
      ) as FeaturePyramid;
      reconstruct({ config, store }, pyramid).forEach((found, level) => {
        assert.deepEqual(found.shape, pyramid[level].shape);
        const expected = autoEncode(store, pyramid[level], config, autoEncoderPrefix(level));
        assert.deepEqual(found.dataSync(), expected.dataSync());
      });
    });
    store.dispose();
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
