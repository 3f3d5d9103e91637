import assert from 'node:assert/strict';
import { tf } from '../../src/lib/engine/index';
import type { Scalar, Tensor4D } from '../../src/lib/engine/index';
import {
  levelReconstructionLoss,
  reconstructionLoss,
  sumOfSquaredDifferences,
} from '../../src/lib/losses/reconstruction';
import { levelMeanSquaredError } from '../../src/lib/losses/pre-training';
import type { FeaturePyramid } from '../../src/lib/models/resnet18';
import { assertArraysNear } from '../engine/assert-arrays-near';
import { filled } from '../engine/composed-twin';
import { readGolden } from '../engine/golden';
import { assertNoTensorLeak } from '../engine/tensor-count';
import { assertNear } from '../metrics/assert-near';

interface GoldenReconstruction {
  loss: number;
  /** Gradients of both sides. */
  reconstruction: number[];
  features: number[];
}

const golden = readGolden<
  { shape: [number, number, number, number] } & Record<
    'sum' | 'unit' | 'mean',
    GoldenReconstruction
  >
>('losses', 'reconstruction.json');

describe('reconstructionLoss', () => {
  const r = (): Tensor4D => tf.tensor4d([1, 2, 3, -4], [1, 1, 2, 2]);
  const f = (): Tensor4D => tf.tensor4d([0, 2, 5, -1], [1, 1, 2, 2]);

  it('is the sum of all squared differences, with its gradients on both sides', () => {
    tf.tidy(() => {
      assert.equal(sumOfSquaredDifferences(r(), f()).dataSync()[0], 1 + 4 + 9);
      const [ofR, ofF] = tf.grads((x, y) =>
        tf.mul(sumOfSquaredDifferences(x as Tensor4D, y as Tensor4D), 3),
      )([r(), f()]);
      assert.deepEqual([...ofR.dataSync()], [6, 0, -12, -18]);
      assertArraysNear(ofF.dataSync(), [-6, 0, 12, 18], 0);
    });
  });

  it('adds the levels up, summed over the batch', () => {
    tf.tidy(() => {
      const pyramid = (level: Tensor4D) => [level, level, level] as FeaturePyramid;
      assert.equal(reconstructionLoss(pyramid(r()), pyramid(f())).dataSync()[0], 3 * 14);
      assert.equal(levelMeanSquaredError(r(), f()).dataSync()[0], 14 / 4);
    });
  });

  it("measures vectors of length 1 with 'unit': 0 for another length, 4 for the opposite", () => {
    tf.tidy(() => {
      const x = filled<Tensor4D>([2, 3, 4, 5], 580);
      const far = tf.mul<Tensor4D>(x, 9);
      assertNear(levelReconstructionLoss(x, far, 'unit').dataSync()[0], 0, 1e-10);
      const opposite = levelReconstructionLoss(x, tf.neg(x), 'unit').dataSync()[0];
      assertNear(opposite, 4 * 2, 1e-5);
    });
  });

  const losses: ['sum' | 'unit' | 'mean', (r: Tensor4D, f: Tensor4D) => Scalar][] = [
    ['sum', (r, f) => levelReconstructionLoss(r, f)],
    ['unit', (r, f) => levelReconstructionLoss(r, f, 'unit')],
    ['mean', levelMeanSquaredError],
  ];
  for (const [name, loss] of losses) {
    it(`gives PyTorch's value and gradients of both sides (${name})`, () => {
      const { shape } = golden;
      const expected = golden[name];
      tf.tidy(() => {
        const [x, y] = [filled<Tensor4D>(shape, 581), filled<Tensor4D>(shape, 582, 3)];
        assertNear(loss(x, y).dataSync()[0], expected.loss, 1e-6 * expected.loss);
        const both = tf.grads((a, b) => loss(a as Tensor4D, b as Tensor4D))([x, y]);
        const alone = [
          tf.grad((a) => loss(a as Tensor4D, y))(x),
          tf.grad((b) => loss(x, b as Tensor4D))(y),
        ];
        for (const [ofX, ofY] of [both, alone]) {
          assertArraysNear(ofX.dataSync(), expected.reconstruction, 1e-6, 'reconstruction');
          assertArraysNear(ofY.dataSync(), expected.features, 1e-6, 'features');
        }
      });
    });
  }

  it('leaves no tensor behind', () => {
    const [x, y] = [filled<Tensor4D>([2, 3, 4, 5], 581), filled<Tensor4D>([2, 3, 4, 5], 582)];
    for (const measure of ['sum', 'unit'] as const) {
      assertNoTensorLeak(() =>
        tf.dispose(
          tf.grads((a, b) => levelReconstructionLoss(a as Tensor4D, b as Tensor4D, measure))([
            x,
            y,
          ]),
        ),
      );
    }
    tf.dispose([x, y]);
  });
});
