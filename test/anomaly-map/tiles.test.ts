import assert from 'node:assert/strict';
import { imageScore } from '../../src/lib/anomaly-map/map-values';
import { createTensorFlowDetector } from '../../src/lib/anomaly-map/detect';
import type { AnomalyDetector, TensorFlowDetector } from '../../src/lib/anomaly-map/detect';
import { judgePicture } from '../../src/lib/anomaly-map/judge-picture';
import { detectTiled, tileAxis } from '../../src/lib/anomaly-map/tiles';
import { ParameterStore } from '../../src/lib/models/parameter-store';
import { exportDetector } from '../../src/lib/onnx/export';
import { createOnnxDetector } from '../../src/lib/onnx/onnx-detector';
import type { OnnxDetector } from '../../src/lib/onnx/onnx-detector';
import { assertArraysNear } from '../engine/assert-arrays-near';
import { mixedIntegers } from '../metrics/mixed-integers';
import { backboneArrays } from '../models/fill';
import { description } from '../onnx/description';

function pictureOf(width: number, height: number) {
  const data = Uint8Array.from(mixedIntegers(width * height * 3, 1), (value) => value & 255);
  return { width, height, data };
}

/** A detector whose map is the red of its images, and the sizes of the stacks that it saw. */
function redness(imageSize: number, score = imageScore) {
  const seen: number[] = [];
  const detector: AnomalyDetector = {
    imageSize,
    resizeFilter: 'bilinear',
    productResolution: 'image',
    threshold: null,
    detect: ({ count, height, width, data }) => {
      seen.push(count);
      return Promise.resolve(
        Array.from({ length: count }, (_, i) => {
          const map = Float32Array.from(
            { length: height * width },
            (_, pixel) => data[3 * (i * height * width + pixel)],
          );
          return { score: score(map), map, levelMaps: [] };
        }),
      );
    },
    dispose: () => {},
  };
  return { detector, seen };
}

describe('tiles of a picture', () => {
  it('cover an axis, overlap enough and share every position', () => {
    for (const [length, side, overlap] of [
      [1000, 256, 64],
      [257, 256, 64],
      [448, 256, 64],
      [256, 256, 0],
      [700, 64, 0],
      [100, 64, 63],
    ]) {
      const { begins, shares } = tileAxis(length, side, overlap);
      assert.equal(begins[0], 0);
      assert.equal(begins.at(-1), length - side);
      begins.slice(1).forEach((begin, i) => assert.ok(begins[i] + side - begin >= overlap));
      const sums = new Float64Array(length);
      begins.forEach((begin, i) => shares[i].forEach((share, at) => (sums[begin + at] += share)));
      assert.ok(sums.every((sum) => Math.abs(sum - 1) < 1e-12));
    }
    assert.deepEqual(tileAxis(448, 256, 64).begins, [0, 192]);
  });

  it('are joined without a seam: what all tiles agree on comes out as it is', async () => {
    const picture = pictureOf(150, 90);
    const { detector, seen } = redness(64);
    const { map, score } = await detectTiled(detector, picture, 16);
    const red = Float32Array.from({ length: 150 * 90 }, (_, i) => picture.data[3 * i]);
    assertArraysNear(map!, red, 1e-6, 'map');
    assert.equal(score, imageScore(map!));
    assert.ok(seen.every((count) => count <= 8));
  });

  it('pass into each other where they disagree', async () => {
    let tile = 0;
    const { detector } = redness(64);
    const steps: AnomalyDetector = {
      ...detector,
      detect: ({ count }) =>
        Promise.resolve(
          Array.from({ length: count }, () => {
            const map = new Float32Array(64 * 64).fill(tile++);
            return { score: map[0], map, levelMaps: [] };
          }),
        ),
    };
    const { map } = await detectTiled(steps, pictureOf(112, 64), 16);
    const row = map!.subarray(0, 112);
    assert.deepEqual([row[0], row[47], row[64], row[111]], [0, 0, 1, 1]);
    for (let x = 48; x < 64; x++) {
      const step = row[x] - row[x - 1];
      assert.ok(step > 0 && step < 0.07, `${step} at ${x}`);
    }
  });

  it('have the largest of their scores, where these are not the largest values of maps', async () => {
    const { detector } = redness(64, (map) =>
      Array.from(map).reduce((sum, value) => sum + value, 0),
    );
    const picture = pictureOf(150, 90);
    const { score } = await detectTiled(detector, picture, 0);
    assert.ok(score > 64 * 64 * 100, `${score}`);
  });

  it('are padded where the picture is smaller, which counts nowhere', async () => {
    const { detector } = redness(64);
    const picture = { width: 40, height: 70, data: new Uint8Array(40 * 70 * 3).fill(9) };
    const restricted: AnomalyDetector = {
      ...detector,
      detect: async (stack) => {
        assert.equal(stack.region?.[39], 1);
        assert.equal(stack.region?.[40], 0);
        const found = await detector.detect(stack);
        return found.map(({ map }) => {
          const inside = map!.map((value, i) => (i % 64 < 40 ? value : NaN));
          return { score: 9, map: inside, levelMaps: [] };
        });
      },
    };
    const { map, score } = await detectTiled(restricted, picture, 16);
    assert.equal(score, 9);
    assert.ok(map!.length === 40 * 70 && map!.every((value) => Math.abs(value - 9) < 1e-5));
  });

  it('are named where their map is no number', async () => {
    const { detector } = redness(64);
    const broken: AnomalyDetector = {
      ...detector,
      detect: async (stack) => {
        const found = await detector.detect(stack);
        found.at(-1)!.map!.fill(NaN, 3, 5);
        return found;
      },
    };
    await assert.rejects(
      detectTiled(broken, pictureOf(112, 64), 16),
      /numbers in the tile at x 48, y 0, found NaN in 2 of 4096 pixels/,
    );
  });
});

describe('a detector of any shape', () => {
  let square: TensorFlowDetector;
  let onnx: OnnxDetector;
  const arrays = { teacher: backboneArrays(200), student: backboneArrays(300) };

  before(async () => {
    const networks = {
      teacher: ParameterStore.fromArrays(arrays.teacher),
      student: ParameterStore.fromArrays(arrays.student),
    };
    square = createTensorFlowDetector(networks, description());
    onnx = await createOnnxDetector(exportDetector(arrays, description({ tileOverlap: 16 })));
  });

  after(async () => {
    await onnx.dispose();
    square.dispose();
  });

  /** The same networks with other settings. */
  const as = (settings: Partial<AnomalyDetector>): AnomalyDetector => ({ ...square, ...settings });

  it('sees the same in one tile that covers the picture as without tiles, to the bit', async () => {
    const picture = pictureOf(64, 64);
    const whole = await judgePicture(square, picture);
    assert.deepEqual(await judgePicture(as({ tileOverlap: 16 }), picture), whole);
    const [detection] = await square.detect({ count: 1, ...picture });
    assert.deepEqual(whole.map, detection.map);
    assert.equal(whole.score, detection.score);
  });

  for (const [title, settings] of [
    ['tiles', { imageSize: 64, tileOverlap: 16 }],
    ['wide, stretched', { imageSize: { height: 48, width: 96 } }],
    ['high, padded', { imageSize: { height: 96, width: 48 }, fit: 'pad' }],
    ['cropped', { imageSize: { height: 64, width: 48 }, fit: 'crop' }],
  ] as const) {
    it(`says the same in the engine and in ONNX Runtime: ${title}`, async () => {
      const picture = pictureOf(150, 90);
      const file = exportDetector(arrays, description(settings));
      const exported = await createOnnxDetector(file);
      const found = await judgePicture(exported, picture);
      const expected = await judgePicture(as(settings), picture);
      await exported.dispose();
      assert.deepEqual(exported.metadata.imageSize, settings.imageSize);
      assert.ok(Math.abs(found.score / expected.score - 1) < 1e-4);
      assert.equal(found.unseen, expected.unseen);
      assert.equal(found.map!.length, 150 * 90);
      const numbers = (map: Float32Array | null) => map!.map((value) => (value >= 0 ? value : -1));
      assertArraysNear(numbers(found.map), numbers(expected.map), 1e-4, title);
      assert.equal(expected.map!.some(Number.isNaN), title === 'cropped');
    });
  }

  it('has a score that padding has no part in', async () => {
    const picture = pictureOf(150, 90);
    const padded = as({ imageSize: { height: 96, width: 48 }, fit: 'pad' });
    const { score, map } = await judgePicture(padded, picture);
    // The edge between picture and padding stands out; enlarging only lowers peaks.
    assert.ok(score >= imageScore(map!) && score < 1.5 * imageScore(map!), `${score}`);
  });
});
