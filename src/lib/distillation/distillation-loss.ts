import { tf } from '../engine/index';
import type { Scalar } from '../engine/index';
import { l2Normalise } from '../losses/l2-normalise';
import type { FeaturePyramid } from '../models/resnet18';

/**
 * How far a network is from giving the features of another: per level the squared error, in relation to the target's
 * mean square, plus the squared distance of the normalised features, which is what the method compares; summed over
 * the levels. 0 is a perfect copy; a network that gives nothing has about 1 + 1 a level.
 */
export function distillationLoss(features: FeaturePyramid, target: FeaturePyramid): Scalar {
  return tf.tidy(() =>
    tf.addN(
      features.flatMap((level, i) => {
        const wanted = target[i];
        const error = tf.div(
          tf.mean(tf.squaredDifference(level, wanted)),
          tf.mean(tf.square(wanted)),
        );
        const apart = tf.squaredDifference(l2Normalise(level), l2Normalise(wanted));
        return [error, tf.mean(tf.sum(apart, 3))];
      }),
    ),
  ) as Scalar;
}
