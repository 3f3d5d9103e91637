import assert from 'node:assert/strict';
import { fitGaussian, openGaussian } from '../../../src/lib/methods/one-class/gaussian';
import {
  averagePathLength,
  fitIsolationForest,
  openIsolationForest,
} from '../../../src/lib/methods/one-class/isolation-forest';
import {
  fitLocalOutlierFactor,
  openLocalOutlierFactor,
} from '../../../src/lib/methods/one-class/local-outlier-factor';
import {
  fitSupportVectors,
  openSupportVectors,
} from '../../../src/lib/methods/one-class/support-vectors';
import { Random } from '../../../src/lib/random/random';
import type { NamedArrays } from '../../../src/lib/weights/named-arrays';
import { assertArraysNear } from '../../engine/assert-arrays-near';
import { readGolden } from '../../engine/golden';
import { assertNoTensorLeak } from '../../engine/tensor-count';
import { assertNear } from '../../metrics/assert-near';
import { pointsOf } from '../../statistics/points-of';

interface Golden {
  train: number[][];
  /** Twelve normal points, twelve others, two of the train points. */
  test: number[][];
  gaussian: number[];
  svm: { nu: number; gamma: number | null; vectors: number; scores: number[] }[];
  lof: { neighbours: number; scores: number[] }[];
  /** Six points are equal, more than there are neighbours. */
  twins: { train: number[][]; neighbours: number; test: number[][]; scores: number[] };
  forest: {
    pathLengths: Record<string, number>;
    nodes: number[][];
    roots: number[];
    samples: number;
    scores: number[];
    ofMany: number[];
  };
}

const golden = readGolden<Golden>('one-class', 'classifiers.json');
const train = pointsOf(golden.train);
const test = pointsOf(golden.test);

describe('the Gaussian', () => {
  it("scores by scikit-learn's Mahalanobis distance, with the Ledoit-Wolf covariance", () => {
    const scores = openGaussian(fitGaussian(train))(test);
    assertArraysNear(scores, golden.gaussian, 1e-6);
  });

  it('is defined by fewer points than dimensions', () => {
    const few = pointsOf(golden.train.slice(0, 3));
    const scores = openGaussian(fitGaussian(few))(test);
    assert.ok(scores.every(Number.isFinite));
  });

  it('refuses points that are all equal', () => {
    assert.throws(
      () =>
        fitGaussian(
          pointsOf([
            [1, 2],
            [1, 2],
          ]),
        ),
      /images are equal/,
    );
  });
});

describe('the one-class support vector machine', () => {
  for (const { nu, gamma, vectors, scores } of golden.svm) {
    it(`has scikit-learn's decision values within 1e-6, with nu ${nu} and gamma ${gamma ?? "'scale'"}`, () => {
      const model = fitSupportVectors(train, { nu, gamma });
      assert.equal(model.get('svm.vectors')?.shape[0], vectors);
      const found = openSupportVectors(model)(test);
      scores.forEach((score, i) => assertNear(found[i], score, 1e-6, `point ${i}`));
    });
  }

  it('leaves at most nu of the points outside', () => {
    for (const nu of [0.1, 0.3]) {
      const scores = openSupportVectors(fitSupportVectors(train, { nu, gamma: null }))(train);
      // Points on the border are there up to rounding.
      assert.ok(scores.filter((score) => score > 1e-6).length <= nu * train.count);
    }
  });

  it('takes equal points, one of them or many', () => {
    for (const rows of [
      [[1, 2]],
      [
        [1, 2],
        [1, 2],
        [1, 2],
      ],
    ]) {
      const scores = openSupportVectors(
        fitSupportVectors(pointsOf(rows), { nu: 0.5, gamma: null }),
      );
      const [own, other] = scores(
        pointsOf([
          [1, 2],
          [9, 9],
        ]),
      );
      assertNear(own, 0, 1e-6);
      assert.ok(other > 0.1);
    }
  });

  it('says what a model lacks', () => {
    const model = fitSupportVectors(train, { nu: 0.5, gamma: null });
    model.delete('svm.rho');
    assert.throws(() => openSupportVectors(model), /"svm.rho" in the model, found none/);
  });
});

describe('the local outlier factor', () => {
  for (const { neighbours, scores } of golden.lof) {
    it(`equals scikit-learn's within 1e-6, with ${neighbours} neighbours`, () => {
      const model = fitLocalOutlierFactor(train, { neighbours });
      const found = openLocalOutlierFactor(model, { neighbours })(test);
      assertArraysNear(found, scores, 1e-6);
    });
  }

  it('does so among more equal points than neighbours', () => {
    const { neighbours, scores, ...points } = golden.twins;
    const model = fitLocalOutlierFactor(pointsOf(points.train), { neighbours });
    const found = openLocalOutlierFactor(model, { neighbours })(pointsOf(points.test));
    scores.forEach((score, i) => assertNear(found[i] / score, 1, 1e-6, `point ${i}`));
  });

  it('leaves no tensors behind', () => {
    assertNoTensorLeak(() =>
      openLocalOutlierFactor(fitLocalOutlierFactor(train, { neighbours: 5 }), { neighbours: 5 })(
        test,
      ),
    );
  });

  it('refuses a single point', () => {
    assert.throws(() => fitLocalOutlierFactor(pointsOf([[1]]), { neighbours: 5 }), /found 1\./);
  });
});

describe('the isolation forest', () => {
  const { forest } = golden;

  it("has scikit-learn's mean path lengths", () => {
    for (const [n, length] of Object.entries(forest.pathLengths)) {
      assertNear(averagePathLength(Number(n)), length, 1e-14, `c(${n})`);
    }
  });

  it("scores as scikit-learn does with scikit-learn's trees", () => {
    const model: NamedArrays = new Map([
      [
        'forest.nodes',
        { shape: [forest.nodes.length, 4], data: Float32Array.from(forest.nodes.flat()) },
      ],
      ['forest.roots', { shape: [1, forest.roots.length], data: Float32Array.from(forest.roots) }],
      [
        'forest.pathLength',
        { shape: [1, 1], data: Float32Array.of(averagePathLength(forest.samples)) },
      ],
    ]);
    assertArraysNear(openIsolationForest(model)(test), forest.scores, 1e-6);
  });

  it("scores as scikit-learn's on average with trees of its own", () => {
    const settings = { trees: 2000, sampleSize: 64 };
    const scores = openIsolationForest(fitIsolationForest(train, settings, Random.fromSeed(1)))(
      test,
    );
    forest.ofMany.forEach((score, i) => assertNear(scores[i], score, 0.012, `point ${i}`));
  });

  it('is the same for the same seed, whatever is stored, and another for another seed', () => {
    const scores = (seed: number) => {
      const model = fitIsolationForest(train, { trees: 5, sampleSize: 256 }, Random.fromSeed(seed));
      return [...openIsolationForest(model)(test)];
    };
    assert.deepEqual(scores(1), scores(1));
    assert.notDeepEqual(scores(1), scores(2));
  });

  it('puts each point of a tree into a leaf of its own, while the tree may grow', () => {
    // Four points, two divisions deep: paths of 2 where they are divided evenly.
    const points = pointsOf([[0], [1], [2], [3]]);
    const model = fitIsolationForest(points, { trees: 200, sampleSize: 4 }, Random.fromSeed(0));
    const [edge, middle, far] = openIsolationForest(model)(pointsOf([[0], [1], [1e6]]));
    assert.ok(edge > middle);
    assertNear(far, openIsolationForest(model)(pointsOf([[3]]))[0], 0, 'beyond the last point');
  });

  it('takes points that are equal, in one coordinate or in all', () => {
    const settings = { trees: 3, sampleSize: 8 };
    const flat = pointsOf([
      [7, 1],
      [7, 2],
      [7, 3],
    ]);
    const forestOf = (points: typeof flat) =>
      openIsolationForest(fitIsolationForest(points, settings, Random.fromSeed(0)));
    assert.ok(forestOf(flat)(flat).every((score) => score > 0 && score < 1));
    const equal = pointsOf([
      [7, 1],
      [7, 1],
      [7, 1],
    ]);
    // Nothing to divide: paths of the mean length.
    forestOf(equal)(flat).forEach((score) => assertNear(score, 0.5, 1e-6));
    assert.deepEqual([...forestOf(pointsOf([[7, 1]]))(flat)], [1, 1, 1]);
  });
});
