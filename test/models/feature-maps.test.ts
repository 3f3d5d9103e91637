import assert from 'node:assert/strict';
import { tf } from '../../src/lib/engine/index';
import {
  autoEncode,
  autoEncoderConfigSchema,
  autoEncoderPrefix,
  initialiseAutoEncoders,
} from '../../src/lib/models/auto-encoder';
import { levelReconstructions } from '../../src/lib/models/feature-maps';
import type { LevelFeatures } from '../../src/lib/models/feature-maps';
import { ParameterStore } from '../../src/lib/models/parameter-store';
import { LEVEL_CHANNELS } from '../../src/lib/models/resnet18';
import { Random } from '../../src/lib/random/random';
import { fill } from './fill';

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
