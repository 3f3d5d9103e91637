import assert from 'node:assert/strict';
import { anomalyMaps } from '../../src/lib/anomaly-map/anomaly-map';
import { imageScore } from '../../src/lib/anomaly-map/map-values';
import { createTensorFlowDetector } from '../../src/lib/anomaly-map/detect';
import type { TensorFlowDetector } from '../../src/lib/anomaly-map/detect';
import { tf } from '../../src/lib/engine/index';
import { detectorFeatures } from '../../src/lib/models/detector';
import { imageBatch } from '../../src/lib/models/image-batch';
import { ParameterStore } from '../../src/lib/models/parameter-store';
import { assertArraysNear } from '../engine/assert-arrays-near';
import { tensorCount } from '../engine/tensor-count';
import { mixedIntegers } from '../metrics/mixed-integers';
import { backboneArrays } from '../models/fill';

describe('a detector by TensorFlow', () => {
  const [width, height, count] = [48, 32, 5];
  const stack = {
    count,
    width,
    height,
    data: Uint8Array.from(mixedIntegers(count * width * height * 3, 1)),
  };
  const pixels = width * height;
  const settings = { imageSize: 32, resizeFilter: 'bilinear' as const };
  let detector: TensorFlowDetector;

  before(() => {
    const networks = {
      teacher: ParameterStore.fromArrays(backboneArrays(200)),
      student: ParameterStore.fromArrays(backboneArrays(300)),
    };
    detector = createTensorFlowDetector(networks, settings);
  });

  after(() => detector.dispose());

  it('carries its settings, with the maps multiplied at the image size and no threshold by default', () => {
    const { imageSize, resizeFilter, productResolution, threshold } = detector;
    assert.deepEqual({ imageSize, resizeFilter }, settings);
    assert.equal(productResolution, 'image');
    assert.equal(threshold, null);
  });

  it('gives each image its map, its score and, when asked, its level maps', async () => {
    const detections = await detector.detect(stack, { levelMaps: true });
    assert.equal(detections.length, count);
    const expected = tf.tidy(() => {
      const images = imageBatch(stack, [3]);
      const { product, levels } = anomalyMaps(detectorFeatures(detector, images), stack);
      return [product, ...levels];
    });
    const { map, levelMaps, score } = detections[3];
    const [product, ...levels] = expected.map((tensor) => tensor.dataSync());
    assertArraysNear(map, product, 1e-4, 'map');
    assert.equal(levelMaps.length, 3);
    levelMaps.forEach((level, i) => assertArraysNear(level, levels[i], 1e-4, `level ${i + 1}`));
    assert.equal(score, imageScore(map));
    tf.dispose(expected);
    // The maps are arrays of their own: keeping one must not keep a whole batch in memory.
    for (const own of [map, ...levelMaps]) assert.equal(own.buffer.byteLength, pixels * 4);
  });

  it('says the same whatever the size of the batches', async () => {
    const [one, three, eight] = await Promise.all(
      [1, 3, 8].map((batchSize) => detector.detect(stack, { batchSize })),
    );
    for (let i = 0; i < count; i++) {
      assertArraysNear(three[i].map, one[i].map, 1e-4, `image ${i}`);
      assertArraysNear(eight[i].map, one[i].map, 1e-4, `image ${i}`);
      assert.deepEqual(one[i].levelMaps, []);
    }
    const scores = one.map(({ score }) => score);
    assert.equal(new Set(scores).size, count, 'the images differ, so their scores should');
  });

  it('looks at the images asked for, in that order', async () => {
    const all = await detector.detect(stack, { batchSize: 2 });
    const some = await detector.detect(stack, { batchSize: 2 }, [4, 0, 2]);
    assert.equal(some.length, 3);
    [4, 0, 2].forEach((index, i) => assertArraysNear(some[i].map, all[index].map, 1e-4));
    assert.deepEqual(await detector.detect(stack, {}, []), []);
  });

  it('takes the product where it is told to', async () => {
    const [atImage] = await detector.detect(stack, {}, [0]);
    const atLevel1Detector = createTensorFlowDetector(detector, {
      ...settings,
      productResolution: 'level1',
    });
    const [atLevel1] = await atLevel1Detector.detect(stack, {}, [0]);
    const largest = Math.max(...atImage.map.map((x, i) => Math.abs(x - atLevel1.map[i])));
    assert.ok(largest > 1e-3 * atImage.score && largest < atImage.score);
  });

  it('reports its progress after each batch', async () => {
    const progress: number[][] = [];
    const onProgress = (...numbers: number[]) => progress.push(numbers);
    await detector.detect(stack, { batchSize: 2, onProgress });
    assert.deepEqual(progress, [
      [2, 5],
      [4, 5],
      [5, 5],
    ]);
  });

  it("stops between batches with the signal's reason, and leaves no tensor behind", async () => {
    const before = tensorCount();
    const controller = new AbortController();
    const reason = new Error('enough');
    let done = 0;
    const stopped = detector.detect(stack, {
      batchSize: 1,
      signal: controller.signal,
      onProgress: (images) => {
        done = images;
        if (images === 2) controller.abort(reason);
      },
    });
    await assert.rejects(stopped, reason);
    assert.equal(done, 2);
    assert.deepEqual(tensorCount(), before);
  });

  it('lets timers and signals have their turn between batches', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await detector.detect(stack, { batchSize: 1 });
    clearInterval(timer);
    assert.ok(turns > 0);
  });
});
