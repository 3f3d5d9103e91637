import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { loadImages } from '../../src/lib/data/image';
import { tf } from '../../src/lib/engine/index';
import { imageBatch } from '../../src/lib/models/image-batch';
import { resnet18 } from '../../src/lib/models/resnet18';
import { loadTeacher } from '../../src/lib/models/teacher';
import { readGolden } from '../engine/golden';
import { assertSketch } from './sketch';

interface RealFeatures {
  image: string;
  size: [height: number, width: number];
  pixelSum: number;
  levels: { shape: number[]; sketch: number[] }[];
}

describe('the ImageNet teacher on a real image', () => {
  it("gives PyTorch's features (with MVTEC_AD_ROOT and RESNET18_WEIGHTS)", async function () {
    const { MVTEC_AD_ROOT: root, RESNET18_WEIGHTS: weights } = process.env;
    const golden = readGolden<RealFeatures>('models', 'real-features.json');
    const file = path.join(root ?? '', golden.image);
    if (!root || !weights || !existsSync(file)) this.skip();
    // The data set at another size gives this image by resampling: not quite the one that PyTorch saw.
    const { width, height } = await sharp(file).metadata();
    if (height !== golden.size[0] || width !== golden.size[1]) this.skip();
    const stack = await loadImages([{ file }], { size: { height, width } });
    const sum = stack.data.reduce((total, value) => total + value, 0);
    assert.equal(sum, golden.pixelSum);

    const { store } = loadTeacher(weights);
    const levels = tf.tidy(() => resnet18(store, imageBatch(stack, [0])));
    levels.forEach((level, i) => {
      assert.deepEqual(level.shape, golden.levels[i].shape);
      assertSketch(level.dataSync(), golden.levels[i].sketch, 1e-4, `level ${i + 1}`);
    });
    tf.dispose(levels);
    store.dispose();
  });
});
