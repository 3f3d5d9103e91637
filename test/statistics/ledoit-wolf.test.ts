import assert from 'node:assert/strict';
import { ledoitWolf } from '../../src/lib/statistics/ledoit-wolf';
import { assertArraysNear } from '../engine/assert-arrays-near';
import { readGolden } from '../engine/golden';
import { assertNear } from '../metrics/assert-near';
import { pointsOf } from './points-of';

interface Case {
  name: string;
  points: number[][];
  mean: number[];
  covariance: number[];
  shrinkage: number;
}

describe('ledoitWolf', () => {
  for (const expected of readGolden<Case[]>('statistics', 'ledoit-wolf.json')) {
    it(`equals scikit-learn's within 1e-10: ${expected.name}`, () => {
      const { mean, covariance, shrinkage } = ledoitWolf(pointsOf(expected.points));
      assertNear(shrinkage, expected.shrinkage, 1e-10);
      assertArraysNear(mean, expected.mean, 1e-10);
      assertArraysNear(covariance, expected.covariance, 1e-10);
    });
  }

  it('of equal points is 0', () => {
    const { covariance, shrinkage } = ledoitWolf(
      pointsOf([
        [2, 3],
        [2, 3],
      ]),
    );
    assert.deepEqual([...covariance], [0, 0, 0, 0]);
    assert.equal(shrinkage, 0);
  });
});
