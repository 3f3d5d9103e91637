import assert from 'node:assert/strict';
import type { AnomalyDetector } from '../../src/lib/anomaly-map/detect';
import { PictureFault } from '../../src/lib/anomaly-map/detection';
import { judgeBatches, judgePictures } from '../../src/lib/anomaly-map/judge-batches';
import { wrapDetector } from '../../src/lib/detector/wrap-detector';

const SIDE = 4;

/** Says of each picture what its first pixel stands for. */
function detectorThatSays(answers: readonly { score: number; map: Float32Array | null }[]) {
  let together = 0;
  const detector: AnomalyDetector = {
    imageSize: SIDE,
    resizeFilter: 'lanczos3',
    productResolution: 'image',
    threshold: { value: 1, quantile: 1, images: 1, source: 'train' },
    detect: ({ count, data }) => {
      together = Math.max(together, count);
      const of = (i: number) => ({ ...answers[data[(i * data.length) / count]], levelMaps: [] });
      return Promise.resolve(Array.from({ length: count }, (_, i) => of(i)));
    },
    dispose: () => {},
  };
  return { detector, together: () => together };
}

const pictureOf = (value: number) => ({
  ...{ width: SIDE, height: SIDE },
  data: new Uint8Array(SIDE * SIDE * 3).fill(value),
});

const map = (value: number) => new Float32Array(SIDE * SIDE).fill(value);
const answers = [
  { score: 2, map: map(2) },
  { score: -Infinity, map: null },
  { score: Infinity, map: map(Infinity) },
  { score: NaN, map: map(NaN) },
  { score: 3, map: map(3) },
];

describe('judging pictures', () => {
  for (const inOwnSize of [false, true]) {
    it(`${inOwnSize ? 'one by one' : 'together'}: a score that is not finite is a fault of its picture alone`, async () => {
      const { detector, together } = detectorThatSays(answers);
      const pictures = answers.map((_, i) => ({ picture: pictureOf(i) }));
      const judged = await judgePictures(detector, pictures, { inOwnSize });
      assert.equal(together(), inOwnSize ? 1 : answers.length);
      assert.deepEqual(
        judged.map((one) => (one instanceof PictureFault ? one.message : one.score)),
        [
          2,
          'Expected a finite score, found -Infinity.',
          'Expected an anomaly map of finite numbers, found Infinity.',
          'Expected an anomaly map of numbers, found NaN in 16 of 16 pixels, first at x 0, y 0.',
          3,
        ],
      );
    });
  }

  it('never calls such a picture good to another program', async () => {
    const { detector } = detectorThatSays(answers);
    const readImage = (picture: unknown) => {
      const { width, height, data } = picture as ReturnType<typeof pictureOf>;
      return Promise.resolve({
        picture: { width, height, data },
        imageSize: { width, height },
      });
    };
    const opened = wrapDetector({ name: 'd', detector, scoreIsLargest: true, readImage });
    await assert.rejects(opened.detect(pictureOf(1)), {
      name: 'RangeError',
      message: 'd: expected a finite score, found -Infinity.',
    });
    const verdicts: (boolean | string | null)[] = [];
    for await (const { result, error } of opened.detectMany(answers.map((_, i) => pictureOf(i)))) {
      verdicts.push(result ? result.isDefective : error.name);
    }
    assert.deepEqual(verdicts, [true, 'RangeError', 'RangeError', 'RangeError', true]);
  });

  for (const [ahead, most] of [
    [true, 4],
    [false, 2],
  ] as const) {
    it(`asks for no more than ${most} pictures ${ahead ? 'with' : 'without'} reading ahead, in batches of two`, async () => {
      let asked = 0;
      let closed = false;
      function* endless() {
        try {
          for (;;) yield asked++;
        } finally {
          closed = true;
        }
      }
      const detection = { score: 1, map: null, unseen: 0 };
      const judged = judgeBatches(endless(), {
        ...{ batchSize: 2, ahead },
        read: (i) => Promise.resolve(i === 1 ? new Error('not read') : { picture: pictureOf(i) }),
        judge: (pictures) => Promise.resolve(pictures.map(() => detection)),
      });
      const seen: (number | string)[] = [];
      for await (const { input, error } of judged) {
        seen.push(error ? error.message : input);
        assert.ok(asked <= input + most, `${asked} asked for at ${input}`);
        if (seen.length === 5) break;
      }
      assert.deepEqual(seen, [0, 'not read', 2, 3, 4]);
      assert.ok(closed);
    });
  }

  it('reads nothing more once it is told to stop', async () => {
    const stop = new AbortController();
    const read: number[] = [];
    const judged = judgeBatches([0, 1, 2], {
      ...{ batchSize: 1, ahead: false, signal: stop.signal },
      read: (i) => {
        read.push(i);
        return Promise.resolve({ picture: pictureOf(i) });
      },
      judge: (pictures) =>
        Promise.resolve(pictures.map(() => ({ score: 1, map: null, unseen: 0 }))),
    });
    await assert.rejects(async () => {
      for await (const { input } of judged) if (input === 1) stop.abort(new Error('enough'));
    }, /enough/);
    assert.deepEqual(read, [0, 1]);
  });
});
