import { defineOp, square, tf } from '../engine/index';
import type { Tensor, Tensor4D } from '../engine/index';
import { NORM_EPSILON } from './norm-epsilon';

/** 1 / max(||x||, eps) at each position: [b, h, w, 1]. No gradient. */
export function inverseNorm(x: Tensor4D): Tensor4D {
  return tf.tidy(() => {
    const squares = tf.sum(square(x), -1, true);
    return tf.div(1, tf.maximum(tf.sqrt(squares), NORM_EPSILON)) as Tensor4D;
  });
}

const normalise = defineOp<{ x: Tensor }>({
  name: 'ChannelL2Normalise',
  forward: ({ x }, _, save) => {
    const inverse = inverseNorm(x as Tensor4D);
    const y = tf.mul(x, inverse);
    save(y, inverse);
    return y;
  },
  backward: ([dy], [y, inverse]) => ({
    // The part of dy along y does not change a length of 1.
    x: () =>
      tf.tidy(() => {
        const along = tf.mul(y, tf.sum(tf.mul(y, dy), -1, true));
        return tf.mul(tf.sub(dy, along), inverse);
      }),
  }),
});

/**
 * phi: channel-wise l2 normalisation at each position (paper, section 2).
 *
 * @param x [b, h, w, d]
 * @returns vectors of length 1 (0 where x is 0)
 */
export function l2Normalise(x: Tensor4D): Tensor4D {
  return normalise({ x }, {})[0] as Tensor4D;
}
