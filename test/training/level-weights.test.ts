import assert from 'node:assert/strict';
import { tf } from '../../src/lib/engine/index';
import type { Tensor4D } from '../../src/lib/engine/index';
import { l2Normalise, similarityLoss } from '../../src/lib/losses/similarity';
import type { FeaturePyramid } from '../../src/lib/models/resnet18';
import { levelWeights } from '../../src/lib/training/level-weights';
import { gradientsOf } from '../../src/lib/training/optimisers';
import { mixedIntegers } from '../metrics/mixed-integers';

const SIZE = { height: 32, width: 64 };

function stackWith(region?: Uint8Array) {
  return { count: 1, ...SIZE, data: new Uint8Array(32 * 64 * 3), ...(region && { region }) };
}

function pyramid(seed: number): FeaturePyramid {
  return [4, 8, 16].map((stride) => {
    const shape: [number, number, number, number] = [1, 32 / stride, 64 / stride, 3];
    const length = shape.reduce((product, side) => product * side);
    return tf.tensor4d(
      Float32Array.from(mixedIntegers(length, seed), (value) => (value % 1000) + 1),
      shape,
    );
  }) as FeaturePyramid;
}

describe('levelWeights', () => {
  it('are none where all of an image counts', () => {
    assert.equal(levelWeights(stackWith(), [0]), undefined);
  });

  it('leave out what does not count, and have a mean of 1', () => {
    const region = new Uint8Array(32 * 64);
    region[5 * 64 + 9] = 1;
    region[5 * 64 + 20] = 1;
    const weights = levelWeights(stackWith(region), [0])!.map((level) => [...level.dataSync()]);
    assert.deepEqual(
      weights.map((level) => level.flatMap((value, i) => (value > 0 ? [[i, value]] : []))),
      [
        [
          [18, 64],
          [21, 64],
        ],
        [
          [1, 16],
          [2, 16],
        ],
        [
          [0, 4],
          [1, 4],
        ],
      ],
    );
  });

  it('make the loss what it is of the part that counts alone', () => {
    const region = Uint8Array.from({ length: 32 * 64 }, (_, i) => +(i % 64 < 32));
    const [student, teacher] = [pyramid(1), pyramid(2).map(l2Normalise) as FeaturePyramid];
    const half = (features: FeaturePyramid) =>
      features.map((level) => {
        const [, height, width, depth] = level.shape;
        return tf.slice(level, [0, 0, 0, 0], [1, height, width / 2, depth]);
      }) as Tensor4D[] as FeaturePyramid;
    const weights = levelWeights(stackWith(region), [0])!;
    const value = (loss: ReturnType<typeof similarityLoss>) => loss.dataSync()[0];
    const found = value(similarityLoss(student, teacher, weights));
    const expected = value(similarityLoss(half(student), half(teacher)));
    assert.ok(Math.abs(found / expected - 1) < 1e-5, `${found}, not ${expected}`);
    assert.notEqual(found, value(similarityLoss(student, teacher)));
  });

  it('let the gradient through where it counts, as large as without', () => {
    const all = new Uint8Array(32 * 64).fill(1);
    const none = Uint8Array.from(all, (_, i) => +(i % 64 < 32));
    const teacher = pyramid(2).map(l2Normalise) as FeaturePyramid;
    const gradientWith = (region?: Uint8Array) => {
      const levels = pyramid(1).map((level, i) =>
        tf.variable(level, true, `level ${i} ${Math.random()}`),
      );
      const parameters = new Map(levels.map((level, i) => [`${i}`, level]));
      const weights = levelWeights(stackWith(region), [0]);
      const { gradients, dispose } = gradientsOf(
        () => similarityLoss(levels as unknown as FeaturePyramid, teacher, weights),
        parameters as never,
      );
      const values = [...gradients.get('0')!.dataSync()];
      dispose();
      return values;
    };
    const plain = gradientWith();
    gradientWith(all).forEach((value, i) => assert.ok(Math.abs(value - plain[i]) < 1e-6));
    gradientWith(none).forEach((value, i) => {
      const counts = Math.floor(i / 3) % 16 < 8;
      assert.ok(Math.abs(value - (counts ? 2 * plain[i] : 0)) < 1e-6);
    });
  });
});
