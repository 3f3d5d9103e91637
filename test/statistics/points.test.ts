import assert from 'node:assert/strict';
import {
  concatPoints,
  meanOf,
  pointsNamed,
  selectPoints,
  spreadOf,
  squaredDistance,
  squaredNorm,
  standardise,
  toNamedArray,
} from '../../src/lib/statistics/points';
import { pointsOf } from './points-of';

const POINTS = pointsOf([
  [1, 10, 3],
  [3, 10, 3],
  [5, 40, 3],
]);

describe('points', () => {
  it('are selected and joined as copies', () => {
    const some = selectPoints(POINTS, [2, 0, 2]);
    assert.deepEqual(
      some,
      pointsOf([
        [5, 40, 3],
        [1, 10, 3],
        [5, 40, 3],
      ]),
    );
    some.data.fill(0);
    assert.equal(POINTS.data[0], 1);
    assert.deepEqual(
      concatPoints([
        pointsOf([[1, 2]]),
        pointsOf([
          [3, 4],
          [5, 6],
        ]),
      ]),
      pointsOf([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
    );
  });

  it('have distances and lengths in double precision', () => {
    assert.equal(squaredDistance(POINTS, 0, POINTS, 2), 916);
    assert.equal(squaredNorm(POINTS, 1), 118);
    const far = pointsOf([[1e4, 1e-4]]);
    assert.equal(squaredNorm(far, 0), 1e8 + Math.fround(1e-4) ** 2);
  });

  it('have a mean and a deviation in each coordinate, which is 1 where all are equal', () => {
    assert.deepEqual([...meanOf(POINTS)], [3, 20, 3]);
    const { mean, deviation } = spreadOf(POINTS);
    assert.deepEqual([...mean], [3, 20, 3]);
    assert.deepEqual([...deviation], [Math.sqrt(8 / 3), Math.sqrt(200), 1]);
    assert.throws(
      () => meanOf({ count: 0, dimensions: 2, data: new Float32Array(0) }),
      /found none/,
    );
  });

  it('are standardised by the spread of others', () => {
    const spread = { mean: Float64Array.of(1, 2), deviation: Float64Array.of(2, 4) };
    assert.deepEqual(
      standardise(
        pointsOf([
          [5, 0],
          [1, 2],
        ]),
        spread,
      ),
      pointsOf([
        [2, -0.5],
        [0, 0],
      ]),
    );
  });

  it('are stored in a model and found there', () => {
    const model = new Map([
      ['some', toNamedArray(POINTS)],
      ['vector', { shape: [3], data: new Float32Array(3) }],
    ]);
    assert.deepEqual(pointsNamed(model, 'some'), POINTS);
    assert.throws(
      () => pointsNamed(model, 'other'),
      /points named "other" in the model, found none/,
    );
    assert.throws(() => pointsNamed(model, 'vector'), /found an array of shape \[3\]/);
  });
});
