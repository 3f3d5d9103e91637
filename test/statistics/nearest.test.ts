import assert from 'node:assert/strict';
import fc from 'fast-check';
import { NearestNeighbours } from '../../src/lib/statistics/nearest';
import type { Neighbours } from '../../src/lib/statistics/nearest';
import type { Points } from '../../src/lib/statistics/points';
import { assertNoTensorLeak } from '../engine/tensor-count';
import { fill } from '../models/fill';
import { pointsOf } from './points-of';

function filledPoints(count: number, dimensions: number, stream: number, offset = 0): Points {
  return { count, dimensions, data: fill([count, dimensions], stream, 1, offset) };
}

function find(entries: Points, queries: Points, k: number): Neighbours {
  const search = new NearestNeighbours(entries);
  const found = search.find(queries, k);
  search.dispose();
  return found;
}

/** All distances in double precision, sorted; equal ones by index. */
function byHand(entries: Points, queries: Points, k: number): Neighbours {
  const found = Array.from({ length: queries.count }, (_, q) =>
    Array.from({ length: entries.count }, (_, index) => {
      let squared = 0;
      for (let c = 0; c < entries.dimensions; c++) {
        const a = queries.data[q * entries.dimensions + c];
        squared += (a - entries.data[index * entries.dimensions + c]) ** 2;
      }
      return { index, distance: Math.sqrt(squared) };
    })
      .sort((a, b) => a.distance - b.distance || a.index - b.index)
      .slice(0, k),
  ).flat();
  return {
    k,
    distances: Float64Array.from(found, ({ distance }) => distance),
    indices: Uint32Array.from(found, ({ index }) => index),
  };
}

describe('NearestNeighbours', () => {
  it('finds the nearest entries, the nearest first', () => {
    const entries = pointsOf([
      [0, 0],
      [3, 4],
      [1, 0],
      [0, -2],
    ]);
    const found = find(
      entries,
      pointsOf([
        [0, 0],
        [3, 3],
      ]),
      3,
    );
    assert.deepEqual([...found.indices], [0, 2, 3, 1, 2, 0]);
    assert.deepEqual([...found.distances], [0, 1, 2, 1, Math.sqrt(13), Math.sqrt(18)]);
  });

  it('is the same as computing and sorting all distances', () => {
    for (const [count, dimensions, k] of [
      [1, 1, 1],
      [9, 3, 9],
      [200, 16, 5],
      [500, 384, 1],
    ]) {
      const entries = filledPoints(count, dimensions, 1, 0.5);
      const queries = filledPoints(50, dimensions, 2, 0.5);
      assert.deepEqual(find(entries, queries, k), byHand(entries, queries, k));
    }
  });

  it('is so for whatever numbers, many of them equal', () => {
    const value = fc.oneof(
      fc.integer({ min: -2, max: 2 }),
      fc.float({ min: -1e6, max: 1e6, noNaN: true }),
    );
    const row = fc.array(value, { minLength: 2, maxLength: 2 });
    const rows = fc.array(row, { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(rows, rows, fc.nat(), (entries, queries, n) => {
        const k = 1 + (n % entries.length);
        assert.deepEqual(
          find(pointsOf(entries), pointsOf(queries), k),
          byHand(pointsOf(entries), pointsOf(queries), k),
        );
      }),
    );
  });

  it('keeps the digits of distances that are small against the numbers', () => {
    // |a|^2 is 4e6, whose last digit in single precision is .5; the distances are far below.
    const entries = pointsOf(
      Array.from({ length: 40 }, (_, i) => [1000, -1000, 1000, 1000 + i / 1024]),
    );
    const query = pointsOf([[1000, -1000, 1000, 1000 + 20.25 / 1024]]);
    const { indices, distances } = find(entries, query, 3);
    assert.deepEqual([...indices], [20, 21, 19]);
    assert.deepEqual(
      [...distances],
      [0.25, 0.75, 1.25].map((share) => share / 1024),
    );
  });

  it('takes the first of entries that are equal, however many', () => {
    const entries = pointsOf([[5, 5], ...Array.from({ length: 30 }, () => [1, 2]), [1, 2.5]]);
    const { indices, distances } = find(entries, pointsOf([[1, 2]]), 4);
    assert.deepEqual([...indices], [1, 2, 3, 4]);
    assert.deepEqual([...distances], [0, 0, 0, 0]);
  });

  it('goes through many queries in several products', () => {
    const entries = filledPoints(3000, 2, 3);
    const queries = filledPoints(3001, 2, 4);
    const { indices } = find(entries, queries, 1);
    for (const query of [0, 1397, 1398, 3000]) {
      const alone = { ...queries, count: 1, data: queries.data.slice(2 * query, 2 * query + 2) };
      assert.equal(indices[query], byHand(entries, alone, 1).indices[0]);
    }
  });

  it('leaves no tensors behind', () => {
    const entries = filledPoints(20, 3, 5);
    assertNoTensorLeak(() => find(entries, entries, 2));
  });

  it('finds them among numbers whose squares are too large for single precision', () => {
    const entries = pointsOf([[1e20], [-3e20], [2e20], [0], [7e20], [8e20], [9e20]]);
    assert.deepEqual([...find(entries, pointsOf([[1.9e20]]), 2).indices], [2, 0]);
  });

  it('says what is wrong with its input', () => {
    const entries = pointsOf([
      [0, 0],
      [1, 1],
    ]);
    assert.throws(() => find(pointsOf([[0, NaN]]), entries, 1), /finite numbers in entry 0/);
    assert.throws(
      () =>
        find(
          entries,
          pointsOf([
            [0, 0],
            [0, Infinity],
          ]),
          1,
        ),
      /finite numbers in query 1/,
    );
    assert.throws(() => find(entries, pointsOf([[0]]), 1), /queries of 2 dimensions, found 1/);
    for (const k of [0, 3, 1.5]) {
      assert.throws(() => find(entries, entries, k), /1 to 2 nearest entries/);
    }
    const none = { count: 0, dimensions: 2, data: new Float32Array(0) };
    assert.throws(() => new NearestNeighbours(none), /found none/);
  });
});
