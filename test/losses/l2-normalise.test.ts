import assert from 'node:assert/strict';
import { tf } from '../../src/lib/engine/index';
import type { Tensor4D } from '../../src/lib/engine/index';
import { inverseNorm, l2Normalise } from '../../src/lib/losses/similarity';
import { assertArraysNear } from '../engine/assert-arrays-near';
import { readGolden } from '../engine/golden';
import { assertNoTensorLeak } from '../engine/tensor-count';
import { fill } from '../models/fill';
import { readSimilarityCases } from './similarity-cases';
import { byPosition } from './by-position';

describe('l2Normalise', () => {
  for (const [name, golden] of Object.entries(readSimilarityCases())) {
    it(`gives PyTorch's unit vectors (${name})`, () => {
      tf.tidy(() => {
        golden.student.forEach((level, i) => {
          const unit = l2Normalise(tf.tensor4d(level, golden.shapes[i]));
          assertArraysNear(unit.dataSync(), golden.normalised[i], 1e-6);
        });
      });
    });
  }

  const golden = readGolden<{ shape: [number, number, number, number]; gradient: number[] }>(
    'losses',
    'l2-normalise.json',
  );
  const { shape } = golden;
  const depth = shape[3];

  /** As in make.py: the last vector is 0. */
  function features(): Tensor4D {
    const values = fill(shape, 583, 3);
    values.fill(0, values.length - depth);
    return tf.tensor4d(values, shape);
  }

  it("gives PyTorch's gradient, of a zero vector too", () => {
    tf.tidy(() => {
      const dy = tf.tensor4d(fill(shape, 584), shape);
      const gradient = tf
        .grad((x) => l2Normalise(x as Tensor4D))(features(), dy)
        .dataSync();
      const expected = byPosition(golden.gradient, depth);
      byPosition(gradient, depth).forEach((vector, p) => {
        assertArraysNear(vector, expected[p], 2e-6, `position ${p}`);
      });
    });
  });

  it('leaves a zero vector zero, and takes very long and very short ones', () => {
    tf.tidy(() => {
      const x = tf.tensor4d([0, 0, 3e15, 4e15, -3e-10, 4e-10], [1, 1, 3, 2]);
      assertArraysNear(l2Normalise(x).dataSync(), [0, 0, 0.6, 0.8, -0.6, 0.8], 1e-6);
      assert.deepEqual(inverseNorm(x).shape, [1, 1, 3, 1]);
    });
  });

  it('leaves no tensor behind', () => {
    const x = features();
    assertNoTensorLeak(() => tf.tidy(() => void l2Normalise(x)));
    assertNoTensorLeak(() =>
      tf
        .grad((y) => l2Normalise(y as Tensor4D))(x)
        .dispose(),
    );
    x.dispose();
  });
});
