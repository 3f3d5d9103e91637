import assert from 'node:assert/strict';
import { tf } from '../../src/lib/engine/index';
import type { Tensor4D } from '../../src/lib/engine/index';
import { l2Normalise } from '../../src/lib/losses/l2-normalise';
import { levelSimilarityLoss, similarityLoss } from '../../src/lib/losses/similarity';
import type { FeaturePyramid } from '../../src/lib/models/resnet18';
import { assertArraysNear } from '../engine/assert-arrays-near';
import { executedOps } from '../engine/executed-ops';
import { readGolden } from '../engine/golden';
import { assertNoTensorLeak } from '../engine/tensor-count';
import { filled } from '../engine/composed-twin';
import { assertNear } from '../metrics/assert-near';

interface SimilarityCase {
  shapes: [number, number, number, number][];
  student: number[][];
  teacher: number[][];
  normalised: number[][];
  loss: number;
  gradients: number[][];
  teacherGradients: number[][];
}

const cases = readGolden<Record<'apart' | 'near' | 'zeros', SimilarityCase>>(
  'losses',
  'similarity.json',
);

const pyramid = (values: number[][], { shapes }: SimilarityCase) =>
  values.map((level, i) => tf.tensor4d(level, shapes[i])) as FeaturePyramid;

describe('l2Normalise', () => {
  for (const [name, golden] of Object.entries(cases)) {
    it(`gives PyTorch's unit vectors (${name})`, () => {
      tf.tidy(() => {
        pyramid(golden.student, golden).forEach((level, i) => {
          assertArraysNear(l2Normalise(level).dataSync(), golden.normalised[i], 1e-6);
        });
      });
    });
  }

  it('leaves a zero vector zero, and takes very long and very short ones', () => {
    tf.tidy(() => {
      const x = tf.tensor4d([0, 0, 3e15, 4e15, -3e-10, 4e-10], [1, 1, 3, 2]);
      assertArraysNear(l2Normalise(x).dataSync(), [0, 0, 0.6, 0.8, -0.6, 0.8], 1e-6);
    });
  });
});

describe('similarityLoss', () => {
  const lossOf = (golden: SimilarityCase, student: FeaturePyramid) =>
    similarityLoss(student, pyramid(golden.teacher, golden).map(l2Normalise) as FeaturePyramid);

  for (const [name, golden] of Object.entries(cases)) {
    it(`gives PyTorch's value and gradients (${name})`, () => {
      // What 32 bits leave of the difference of two vectors that agree to a thousandth.
      const [ofLoss, ofGradient] = name === 'near' ? [1e-4, 2e-3] : [1e-6, 1e-6];
      tf.tidy(() => {
        const student = pyramid(golden.student, golden);
        const loss = lossOf(golden, student).dataSync()[0];
        assertNear(loss, golden.loss, ofLoss * golden.loss);
        const gradients = tf.grads((...levels) => lossOf(golden, levels as FeaturePyramid))(
          student,
        );
        gradients.forEach((gradient, i) => {
          const { data, expected } = perPosition(gradient.dataSync<'float32'>(), golden, i);
          data.forEach((vector, p) => {
            assertArraysNear(vector, expected[p], ofGradient, `level ${i + 1}, position ${p}`);
          });
        });
      });
    });
  }

  /** Vector by vector: where the student is 0 the gradient is of the order 1e12 and would hide all others. */
  function perPosition(gradient: Float32Array, golden: SimilarityCase, level: number) {
    const depth = golden.shapes[level][3];
    const cut = (values: ArrayLike<number>) =>
      Array.from({ length: values.length / depth }, (_, p) =>
        Array.from({ length: depth }, (_, k) => values[p * depth + k]),
      );
    return { data: cut(gradient), expected: cut(golden.gradients[level]) };
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

  it("gives PyTorch's gradients of the other side too, where it is trained", () => {
    const golden = cases.apart;
    tf.tidy(() => {
      const student = pyramid(golden.student, golden);
      const gradients = tf.grads((...teacher) =>
        similarityLoss(
          student,
          teacher.map((level) => l2Normalise(level as Tensor4D)) as FeaturePyramid,
        ),
      )(pyramid(golden.teacher, golden));
      gradients.forEach((gradient, i) => {
        assertArraysNear(gradient.dataSync(), golden.teacherGradients[i], 1e-5, `level ${i + 1}`);
      });
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
