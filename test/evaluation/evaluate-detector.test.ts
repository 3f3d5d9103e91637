import assert from 'node:assert/strict';
import type { AnomalyDetector } from '../../src/lib/anomaly-map/detect';
import { imageScore } from '../../src/lib/anomaly-map/anomaly-map';
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
