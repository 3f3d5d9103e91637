import assert from 'node:assert/strict';
import { tf } from '../../src/lib/engine/index';
import type { Tensor, Tensor4D } from '../../src/lib/engine/index';
import { l2Normalise, levelSimilarityLoss, similarityLoss } from '../../src/lib/losses/similarity';
import type { FeaturePyramid } from '../../src/lib/models/resnet18';
import { assertArraysNear } from '../engine/assert-arrays-near';
import { executedOps } from '../engine/executed-ops';
import { assertNoTensorLeak } from '../engine/tensor-count';
import { filled } from '../engine/composed-twin';
import { assertNear } from '../metrics/assert-near';
import { byPosition } from './by-position';
import { readSimilarityCases } from './similarity-cases';
import type { SimilarityCase } from './similarity-cases';

const cases = readSimilarityCases();

const pyramid = (values: number[][], { shapes }: SimilarityCase) =>
  values.map((level, i) => tf.tensor4d(level, shapes[i])) as FeaturePyramid;

describe('similarityLoss', () => {
  const lossOf = (golden: SimilarityCase, student: FeaturePyramid) =>
    similarityLoss(student, pyramid(golden.teacher, golden).map(l2Normalise) as FeaturePyramid);

  function assertLevels(
    gradients: readonly Tensor[],
    expected: number[][],
    { shapes }: SimilarityCase,
    tolerance: number,
  ): void {
    gradients.forEach((gradient, i) => {
      const depth = shapes[i][3];
      const vectors = byPosition(expected[i], depth);
      byPosition(gradient.dataSync(), depth).forEach((vector, p) => {
        assertArraysNear(vector, vectors[p], tolerance, `level ${i + 1}, position ${p}`);
      });
    });
  }

  for (const [name, golden] of Object.entries(cases)) {
    // What 32 bits leave of the difference of two vectors that agree to a thousandth.
    const [ofLoss, ofGradient] = name === 'near' ? [1e-4, 2e-3] : [1e-6, 2e-6];

    it(`gives PyTorch's value and gradients (${name})`, () => {
      tf.tidy(() => {
        const student = pyramid(golden.student, golden);
        const loss = lossOf(golden, student).dataSync()[0];
        assertNear(loss, golden.loss, ofLoss * golden.loss);
        const gradients = tf.grads((...levels) => lossOf(golden, levels as FeaturePyramid))(
          student,
        );
        assertLevels(gradients, golden.gradients, golden, ofGradient);
      });
    });

    it(`gives PyTorch's gradients of the other side too, where it is trained (${name})`, () => {
      tf.tidy(() => {
        const student = pyramid(golden.student, golden);
        const gradients = tf.grads((...teacher) =>
          similarityLoss(
            student,
            teacher.map((level) => l2Normalise(level as Tensor4D)) as FeaturePyramid,
          ),
        )(pyramid(golden.teacher, golden));
        assertLevels(gradients, golden.teacherGradients, golden, ofGradient);
      });
    });
  }

  it('is 0 for a student that sees what the teacher sees, whatever the lengths', () => {
    tf.tidy(() => {
      const teacher = pyramid(cases.apart.teacher, cases.apart);
      const student = teacher.map((level) => tf.mul(level, 7)) as FeaturePyramid;
      assertNear(lossOf(cases.apart, student).dataSync()[0], 0, 1e-11);
    });
  });

  it('is 4 for each image and level where the student sees the opposite', () => {
    tf.tidy(() => {
      const teacher = pyramid(cases.apart.teacher, cases.apart);
      const student = teacher.map((level) => tf.neg(level)) as FeaturePyramid;
      assertNear(lossOf(cases.apart, student).dataSync()[0], 4 * 2 * 3, 1e-4);
    });
  });

  it('scales its gradient with what comes from above', () => {
    tf.tidy(() => {
      const student = filled<Tensor4D>([2, 3, 4, 5], 570);
      const target = l2Normalise(filled<Tensor4D>([2, 3, 4, 5], 571));
      const gradient = (factor: number) =>
        tf.grad((x) => tf.mul(levelSimilarityLoss(x as Tensor4D, target), factor))(student);
      const expected = tf.mul(gradient(1), 2.5).dataSync();
      assertArraysNear(gradient(2.5).dataSync(), expected, 1e-6);
    });
  });

  it('runs no gradient ops when only the value is asked for, and leaves no tensor behind', () => {
    const student = filled<Tensor4D>([2, 3, 4, 5], 570);
    const target = tf.tidy(() => l2Normalise(filled<Tensor4D>([2, 3, 4, 5], 571)));
    const ops = executedOps(() => tf.tidy(() => void levelSimilarityLoss(student, target)));
    assert.equal(ops.filter((name) => name === 'L2Loss').length, 1);
    assertNoTensorLeak(() =>
      tf
        .grad((x) => levelSimilarityLoss(x as Tensor4D, target))(student)
        .dispose(),
    );
    tf.dispose([student, target]);
  });
});
