import assert from 'node:assert/strict';
import type { AnomalyDetector } from '../../src/lib/anomaly-map/detect';
import { imageScore } from '../../src/lib/anomaly-map/anomaly-map';
import { judgeImages } from '../../src/cli/inputs/images-to-judge';
import { temporaryFolder } from '../data/temporary-folder';
import { writeTinyDataset } from './tiny-dataset';

/** A detector whose map of the second image of a stack has two pixels of NaN. */
const detector: AnomalyDetector = {
  imageSize: 32,
  resizeFilter: 'lanczos3',
  productResolution: 'image',
  threshold: null,
  detect: ({ count, height, width }) =>
    Promise.resolve(
      Array.from({ length: count }, (_, i) => {
        const map = new Float32Array(height * width).fill(i);
        if (i === 1) map.fill(NaN, 33, 35);
        return { score: imageScore(map), map, levelMaps: [] };
      }),
    ),
  dispose: () => {},
};

describe('judgeImages', () => {
  const { path } = temporaryFolder();

  it('names an image whose map is not made of numbers, and judges the others', async () => {
    const data = await writeTinyDataset(path('data'));
    const images = ['good/0', 'good/1', 'spot/0'].map((name) => {
      const file = `${data}/dots/test/${name}.png`;
      return { name, file };
    });
    const judged: [string, number | string][] = [];
    for await (const judgement of judgeImages(detector, images)) {
      const { name } = judgement.image;
      if ('error' in judgement) judged.push([name, judgement.error.message]);
      else {
        judged.push([name, judgement.score]);
        assert.equal(judgement.picture.width, detector.imageSize);
      }
    }
    const fault =
      'expected an anomaly map of numbers, found NaN in 2 of 1024 pixels, first at x 1, y 1';
    assert.deepEqual(judged, [
      ['good/0', 0],
      ['good/1', `${images[1].file}: ${fault}`],
      ['spot/0', 2],
    ]);
  });
});
