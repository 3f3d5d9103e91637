import { tf } from '../engine/index';
import type { Scalar, Tensor4D } from '../engine/index';
import type { FeaturePyramid } from '../models/resnet18';
import { sumOfSquaredDifferences } from './reconstruction';

/**
 * L_pre, by which the auto-encoders learn to copy the teacher's features (paper, section 3): the mean squared error of
 * each level, summed over the three levels. The paper writes squared norms and calls them MSE; the mean does not
 * depend on the sizes of batch and image.
 *
 * @param reconstructions A(F_t)
 * @param features F_t, not normalised
 * @param onLevel sees each level's part
 */
export function preTrainingLoss(
  reconstructions: FeaturePyramid,
  features: FeaturePyramid,
  onLevel?: (loss: Scalar, level: number) => void,
): Scalar {
  const levels = reconstructions.map((reconstruction, level) =>
    levelMeanSquaredError(reconstruction, features[level]),
  );
  if (onLevel) levels.forEach(onLevel);
  return tf.addN(levels) as Scalar;
}

/** The mean squared error of one level over all elements: its part of L_pre. */
export function levelMeanSquaredError(reconstruction: Tensor4D, features: Tensor4D): Scalar {
  return tf.div(sumOfSquaredDifferences(reconstruction, features), features.size) as Scalar;
}
