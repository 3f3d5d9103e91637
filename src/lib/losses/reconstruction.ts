import { defineOp, halfSquaredNorm, tf } from '../engine/index';
import type { Scalar, Tensor, Tensor4D } from '../engine/index';
import type { FeaturePyramid } from '../models/resnet18';
import { l2Normalise, levelSimilarityLoss } from './similarity';

/**
 * How the reconstruction is compared with its input. 'sum': squared differences, summed over everything (paper,
 * section 3). 'unit': as L_sim, between vectors of length 1; the paper's future work.
 */
export type ReconstructionMeasure = 'sum' | 'unit';

const squaredDistance = defineOp<{ reconstruction: Tensor; features: Tensor }>({
  name: 'SquaredDistance',
  forward: ({ reconstruction, features }, _, save) => {
    const difference = tf.sub(reconstruction, features);
    const half = halfSquaredNorm(difference);
    const loss = tf.mul(half, 2);
    half.dispose();
    save(difference);
    return loss;
  },
  backward: ([dy], [difference]) => ({
    reconstruction: () => tf.tidy(() => tf.mul(difference, tf.mul(dy, 2))),
    features: () => tf.tidy(() => tf.mul(difference, tf.mul(dy, -2))),
  }),
});

/** The sum of all squared differences of two tensors of one shape, differentiable in both. */
export function sumOfSquaredDifferences(reconstruction: Tensor4D, features: Tensor4D): Scalar {
  return squaredDistance({ reconstruction, features }, {})[0] as Scalar;
}

/** L_rec of one level, summed over the batch. The gradient reaches both sides. */
export function levelReconstructionLoss(
  reconstruction: Tensor4D,
  features: Tensor4D,
  measure: ReconstructionMeasure = 'sum',
): Scalar {
  return measure === 'sum'
    ? sumOfSquaredDifferences(reconstruction, features)
    : levelSimilarityLoss(reconstruction, l2Normalise(features));
}

/** L_rec: the sum of the three levels' losses, summed over the batch (paper, section 3). */
export function reconstructionLoss(
  reconstructions: FeaturePyramid,
  features: FeaturePyramid,
  measure: ReconstructionMeasure = 'sum',
): Scalar {
  return tf.addN(
    reconstructions.map((level, i) => levelReconstructionLoss(level, features[i], measure)),
  ) as Scalar;
}
