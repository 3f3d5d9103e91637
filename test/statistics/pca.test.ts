import assert from 'node:assert/strict';
import {
  principalComponents,
  project,
  projectionArrays,
  projectionOf,
  whitened,
} from '../../src/lib/statistics/pca';
import { assertArraysNear } from '../engine/assert-arrays-near';
import { readGolden } from '../engine/golden';
import { assertNoTensorLeak } from '../engine/tensor-count';
import { fill } from '../models/fill';
import { pointsOf } from './points-of';

interface Case {
  name: string;
  points: number[][];
  share: number;
  mean: number[];
  count: number;
  components: number[];
  variances: number[];
  projected: number[];
  whitened: number[];
}

const cases = readGolden<Case[]>('statistics', 'pca.json');

describe('principalComponents', () => {
  for (const expected of cases) {
    it(`equals scikit-learn's PCA: ${expected.name}`, () => {
      const points = pointsOf(expected.points);
      const pca = principalComponents(points, expected.share);
      assert.equal(pca.components.count, expected.count);
      assertArraysNear(pca.mean, expected.mean, 1e-6, 'mean');
      assertArraysNear(pca.variances, expected.variances, 1e-5, 'variances');
      assertArraysNear(pca.components.data, expected.components, 1e-4, 'components');
      const projected = project(points, pca);
      assert.equal(projected.dimensions, expected.count);
      assertArraysNear(projected.data, expected.projected, 1e-4, 'projected');
      assertArraysNear(project(points, whitened(pca)).data, expected.whitened, 1e-3, 'whitened');
    });
  }

  it('is the same from many points, whose products are taken block by block', () => {
    // Ten copies of a block and a little more: the variances are those of the one.
    const block = fill([1000, 3], 31, 1, 2);
    const data = new Float32Array(3 * 9000);
    for (let copy = 0; copy < 9; copy++) data.set(block, copy * block.length);
    const one = principalComponents({ count: 1000, dimensions: 3, data: block }, 0.9);
    const all = principalComponents({ count: 9000, dimensions: 3, data }, 0.9);
    assertArraysNear(all.components.data, one.components.data, 1e-4);
    const scale = (9 * 999) / 8999;
    assertArraysNear(
      all.variances,
      one.variances.map((value) => value * scale),
      1e-5,
    );
  });

  it('survives a model', () => {
    const points = pointsOf(cases[0].points);
    const pca = principalComponents(points, 0.9);
    const model = projectionArrays(pca);
    assert.deepEqual([...model.keys()], ['pca.mean', 'pca.components']);
    assert.deepEqual(project(points, projectionOf(model)), project(points, pca));
    model.set('pca.mean', { shape: [2], data: new Float32Array(2) });
    assert.throws(() => projectionOf(model), /Expected 6 numbers in "pca.mean"/);
  });

  it('leaves no tensors behind', () => {
    const points = pointsOf(cases[0].points);
    assertNoTensorLeak(() => project(points, principalComponents(points, 0.9)));
  });

  it('refuses a single point, and points that are all equal', () => {
    assert.throws(() => principalComponents(pointsOf([[1, 2]]), 0.9), /^RangeError: .*found 1\.$/);
    assert.throws(
      () =>
        principalComponents(
          pointsOf([
            [1, 2],
            [1, 2],
          ]),
          0.9,
        ),
      /found equal ones/,
    );
  });
});
