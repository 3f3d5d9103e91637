import assert from 'node:assert/strict';
import { anomalyMaps } from '../../src/lib/anomaly-map/anomaly-map';
import { detect } from '../../src/lib/anomaly-map/detect';
import { imageScore } from '../../src/lib/anomaly-map/image-score';
import { tf } from '../../src/lib/engine/index';
import { detectorFeatures } from '../../src/lib/models/detector';
import type { Detector } from '../../src/lib/models/detector';
import { imageBatch } from '../../src/lib/models/image-batch';
import { ParameterStore } from '../../src/lib/models/parameter-store';
import { assertArraysNear } from '../engine/assert-arrays-near';
import { tensorCount } from '../engine/tensor-count';
import { mixedIntegers } from '../metrics/mixed-integers';
import { trunkArrays } from '../models/fill';

describe('detect', () => {
  const [width, height, count] = [48, 32, 5];
  const stack = {
    count,
    width,
    height,
    data: Uint8Array.from(mixedIntegers(count * width * height * 3, 1)),
  };
  const pixels = width * height;
  let detector: Detector;

  before(() => {
    detector = {
      teacher: ParameterStore.fromArrays(trunkArrays(200)),
      student: ParameterStore.fromArrays(trunkArrays(300)),
    };
  });

  after(() => {
    detector.teacher.dispose();
    detector.student.dispose();
  });

  it('gives each image its map, its score and, when asked, its level maps', async () => {
    const detections = await detect(detector, stack, { levelMaps: true });
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
      [1, 3, 8].map((batchSize) => detect(detector, stack, { batchSize })),
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
    const all = await detect(detector, stack, { batchSize: 2 });
    const some = await detect(detector, stack, { batchSize: 2 }, [4, 0, 2]);
    assert.equal(some.length, 3);
    [4, 0, 2].forEach((index, i) => assertArraysNear(some[i].map, all[index].map, 1e-4));
    assert.deepEqual(await detect(detector, stack, {}, []), []);
  });

  it('takes the product where it is told to', async () => {
    const [atImage] = await detect(detector, stack, {}, [0]);
    const [atLevel1] = await detect(detector, stack, { productResolution: 'level1' }, [0]);
    const largest = Math.max(...atImage.map.map((x, i) => Math.abs(x - atLevel1.map[i])));
    assert.ok(largest > 1e-3 * atImage.score && largest < atImage.score);
  });

  it('reports its progress after each batch', async () => {
    const progress: number[][] = [];
    const onProgress = (...numbers: number[]) => progress.push(numbers);
    await detect(detector, stack, { batchSize: 2, onProgress });
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
    const stopped = detect(detector, stack, {
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
    await detect(detector, stack, { batchSize: 1 });
    clearInterval(timer);
    assert.ok(turns > 0);
  });
});
