import { square, tf } from '../engine/index';
import type { Tensor3D, Tensor4D } from '../engine/index';
import { l2Normalise } from '../losses/l2-normalise';

/**
 * Eq. 1: 1/2 ||phi(F_t) - phi(R_s)||^2 at each position of one level, 1 - cosine of the two vectors.
 *
 * @param teacher F_t, [b, h, w, d]
 * @param student R_s, [b, h, w, d]
 * @returns [b, h, w], in [0, 1] for features that are never negative, in [0, 2] otherwise
 */
export function levelMap(teacher: Tensor4D, student: Tensor4D): Tensor3D {
  return tf.tidy(() => {
    const difference = tf.sub(l2Normalise(teacher), l2Normalise(student));
    return tf.mul(tf.sum(square(difference), -1), 0.5) as Tensor3D;
  });
}
