import assert from 'node:assert/strict';
import type { AnomalyDetector } from '../../src/lib/anomaly-map/detect';
import { imageScore } from '../../src/lib/anomaly-map/map-values';
import { loadImages } from '../../src/lib/data/image';
import type { ImageStack } from '../../src/lib/data/image';
import { readMvtecCategory } from '../../src/lib/data/mvtec';
import type { Dataset } from '../../src/lib/data/sample';
import { evaluateDetector } from '../../src/lib/evaluation/evaluate-detector';
import { writeTinyDataset } from '../cli/tiny-dataset';
import { temporaryFolder } from '../data/temporary-folder';

describe('evaluateDetector', () => {
  const { path } = temporaryFolder();
  let dataset: Dataset;

  before(async () => {
    await writeTinyDataset(path('data'));
    dataset = readMvtecCategory(path('data'), 'dots');
  });

  /** A detector whose map is the red of the image, and what it is shown. */
  function redness(change: (map: Float32Array, image: number) => void = () => {}) {
    const shown: ImageStack[] = [];
    const detector: AnomalyDetector = {
      imageSize: 48,
      resizeFilter: 'lanczos3',
      productResolution: 'image',
      threshold: null,
      detect: (stack) => {
        shown.push(stack);
        const { count, height, width, data } = stack;
        const detections = Array.from({ length: count }, (_, i) => {
          const map = Float32Array.from(
            { length: height * width },
            (_, pixel) => data[3 * (i * height * width + pixel)],
          );
          change(map, i);
          return { score: imageScore(map), map, levelMaps: [] };
        });
        return Promise.resolve(detections);
      },
      dispose: () => {},
    };
    return { detector, shown };
  }

  it('shows the detector images of the size and by the filter that it carries', async () => {
    const { detector, shown } = redness();
    const { metrics, images, masks } = await evaluateDetector(detector, dataset.test);
    const expected = await loadImages(dataset.test, {
      size: { height: 48, width: 48 },
      filter: 'lanczos3',
    });
    assert.deepEqual(shown, [expected]);
    assert.equal(images, shown[0]);
    assert.ok(masks.every((mask) => mask === null || mask.width === 48));
    assert.equal(metrics.image.auroc, 1);
    const bilinear = await loadImages(dataset.test, {
      size: { height: 48, width: 48 },
      filter: 'bilinear',
    });
    assert.notDeepEqual(expected, bilinear);
  });

  describe('of a detector of tiles whose pictures are too many to keep', () => {
    const tiled = () => ({ ...redness().detector, imageSize: 32, tileOverlap: 8 });
    // Three by three pixels of the 64 by 64 become one.
    const tiledPixels = () => (dataset.test.length * 64 * 64) / 8;

    it('keeps the scores, and of each cell the largest value and any defect', async () => {
      const whole = await evaluateDetector(tiled(), dataset.test);
      const reduced = await evaluateDetector(tiled(), dataset.test, { tiledPixels: tiledPixels() });
      assert.equal(whole.reduction, undefined);
      assert.equal(reduced.reduction, 3);
      assert.deepEqual(reduced.results, whole.results);
      assert.deepEqual([reduced.images.height, reduced.images.width], [22, 22]);
      const cellOf = (i: number) =>
        Math.floor(Math.floor(i / 64) / 3) * 22 + Math.floor((i % 64) / 3);
      whole.detections.forEach(({ map }, image) => {
        const cells = new Float32Array(22 * 22).fill(-Infinity);
        const defective = new Uint8Array(22 * 22);
        map!.forEach((value, i) => {
          cells[cellOf(i)] = Math.max(cells[cellOf(i)], value);
          defective[cellOf(i)] |= whole.masks[image]?.data[i] ?? 0;
        });
        assert.deepEqual(reduced.detections[image].map, cells);
        if (whole.masks[image]) assert.deepEqual(reduced.masks[image]?.data, defective);
      });
      assert.equal(reduced.metrics.image.auroc, whole.metrics.image.auroc);
      assert.equal(reduced.metrics.counts.pixels, dataset.test.length * 22 * 22);
    });

    it('leaves out what lies outside a region of interest', async () => {
      // All but the first column of cells and a pixel of the second.
      const runs = Array(64).fill('4 60').join(' ');
      const region = { of: 'all', name: 'roi', sha256: '', width: 64, height: 64, runs } as const;
      const { detections, images, metrics } = await evaluateDetector(
        { ...tiled(), roi: region },
        dataset.test,
        { tiledPixels: tiledPixels() },
      );
      const counted = detections.map(({ map }) =>
        Array.from(map!, (value) => !Number.isNaN(value)),
      );
      for (const [i, inside] of counted[0].entries()) assert.equal(inside, i % 22 > 0);
      assert.deepEqual(
        counted.flat(),
        Array.from(images.region!, (value) => value === 1),
      );
      assert.equal(metrics.counts.pixels, dataset.test.length * 22 * 21);
    });
  });

  it('names the image whose map is not made of numbers', async () => {
    const { detector } = redness((map, i) => {
      if (i === 1) map[0] = NaN;
    });
    await assert.rejects(
      evaluateDetector(detector, dataset.test),
      /1\.png \(image 1\): expected an anomaly map of numbers, found NaN in 1 of 2304 pixels/,
    );
  });
});
