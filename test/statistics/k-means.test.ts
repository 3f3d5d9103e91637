import assert from 'node:assert/strict';
import { Random } from '../../src/lib/random/random';
import { initialCentres, kMeans, lloyd } from '../../src/lib/statistics/k-means';
import type { Points } from '../../src/lib/statistics/points';
import { assertArraysNear } from '../engine/assert-arrays-near';
import { readGolden } from '../engine/golden';
import { assertNoTensorLeak } from '../engine/tensor-count';
import { assertNear } from '../metrics/assert-near';
import { pointsOf } from './points-of';

interface Golden {
  lloyd: {
    name: string;
    points: number[][];
    start: number[][];
    centres: number[];
    assignments: number[];
    inertia: number;
  }[];
  blobs: { points: number[][]; k: number; inertia: number };
}

const golden = readGolden<Golden>('statistics', 'k-means.json');

const rowsOf = ({ count, dimensions, data }: Points) =>
  Array.from({ length: count }, (_, i) => [...data.subarray(i * dimensions, (i + 1) * dimensions)]);

describe('lloyd', () => {
  for (const { name, points, start, centres, assignments, inertia } of golden.lloyd) {
    it(`equals scikit-learn's KMeans from the same centres: ${name}`, () => {
      const clusters = lloyd(pointsOf(points), pointsOf(start));
      assert.deepEqual([...clusters.assignments], assignments);
      assertArraysNear(clusters.centres.data, centres, 1e-6);
      assertNear(clusters.inertia, inertia, 1e-5 * inertia);
    });
  }

  it('leaves no tensors behind', () => {
    const points = pointsOf(golden.blobs.points);
    assertNoTensorLeak(() => lloyd(points, pointsOf(golden.blobs.points.slice(0, 3))));
  });
});

describe('initialCentres', () => {
  it('are points, all of them different while there are any', () => {
    const points = pointsOf([[0], [0], [0], [5], [9]]);
    for (let seed = 0; seed < 30; seed++) {
      const centres = rowsOf(initialCentres(points, 3, Random.fromSeed(seed))).flat();
      assert.deepEqual(centres.sort(), [0, 5, 9]);
    }
    assert.equal(initialCentres(points, 5, Random.fromSeed(1)).count, 5);
  });

  it('are drawn in proportion to the squared distance', () => {
    // From 0, the points at 1 and 3 have odds of 1 to 9.
    const points = pointsOf([[0], [1], [3]]);
    let [fromZero, three] = [0, 0];
    for (let seed = 0; seed < 2000; seed++) {
      const [first, second] = initialCentres(points, 2, Random.fromSeed(seed)).data;
      if (first !== 0) continue;
      fromZero++;
      if (second === 3) three++;
    }
    assertNear(fromZero / 2000, 1 / 3, 0.04);
    assertNear(three / fromZero, 0.9, 0.04);
  });
});

describe('kMeans', () => {
  const points = pointsOf(golden.blobs.points);

  it("finds clusters as good as scikit-learn's best of 50", async () => {
    const { inertia } = await kMeans(points, golden.blobs.k, Random.fromSeed(0), 50);
    assertNear(inertia, golden.blobs.inertia, 1e-5 * inertia);
  });

  it('keeps the best of several beginnings, and is the same for the same seed', async () => {
    const inertias: number[] = [];
    for (const restarts of [1, 2, 5, 10]) {
      const { inertia } = await kMeans(points, 9, Random.fromSeed(3), restarts);
      inertias.push(inertia);
    }
    assert.deepEqual(
      inertias,
      [...inertias].sort((a, b) => b - a),
    );
    assert.equal((await kMeans(points, 9, Random.fromSeed(3), 10)).inertia, inertias[3]);
  });

  it('makes every point a cluster where there are as many, and refuses more', async () => {
    const few = pointsOf([[1], [2], [4]]);
    assert.equal((await kMeans(few, 3, Random.fromSeed(0))).inertia, 0);
    await assert.rejects(kMeans(few, 4, Random.fromSeed(0)), /at least 4 points .* found 3/);
  });
});
