import assert from 'node:assert/strict';
import type { AnomalyDetector } from '../../src/lib/anomaly-map/detect';
import { imageScore } from '../../src/lib/anomaly-map/map-values';
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
      ['good/1', `good/1: ${fault}`],
      ['spot/0', 2],
    ]);
  });

  it('takes nothing for a verdict that is not a finite score with a whole map of finite numbers', async () => {
    const file = `${path('data')}/dots/test/good/0.png`;
    const whole = () => new Float32Array(32 * 32);
    const answers: [object | undefined, RegExp][] = [
      [{ score: NaN, map: whole() }, /expected a finite score, found NaN$/],
      [{ score: -Infinity, map: null }, /expected a finite score, found -Infinity$/],
      [{ score: 1n, map: whole() }, /expected a score from the detector, found bigint$/],
      [{ score: 1, map: Float32Array.of(1) }, /32 x 32 = 1024 values, found 1 values$/],
      [{ score: 1, map: [1, 2] }, /= 1024 values, found something else$/],
      [{ score: 1, map: whole().fill(-Infinity, 5, 6) }, /finite numbers, found -Infinity$/],
      [undefined, /expected a score from the detector, found undefined$/],
    ];
    for (const [answer, fault] of answers) {
      const detect = (() => Promise.resolve([answer])) as unknown as AnomalyDetector['detect'];
      for await (const judgement of judgeImages({ ...detector, detect }, [{ name: 'x', file }])) {
        assert.ok('error' in judgement);
        assert.match(judgement.error.message, fault);
      }
    }
  });
});
