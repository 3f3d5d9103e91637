import { halfSquaredNorm, tf } from '../engine/index';
import type { Scalar, Tensor } from '../engine/index';

/** Added to the norm, as in PyTorch's `clip_grad_norm_`. */
const CLIP_EPSILON = 1e-6;

export interface Clipping {
  /** Length of all gradients as one vector. */
  norm: number;
  /** What every gradient is to be multiplied by: 1 if the norm is within bounds. */
  scale: number;
}

/** How far gradients must be shortened together, so that their global l2 norm is at most `maxNorm`. */
export function clipping(gradients: Iterable<Tensor>, maxNorm: number): Clipping {
  const norm = tf.tidy(() => {
    const halves = [...gradients].map(halfSquaredNorm);
    const [sum] = (tf.addN(halves) as Scalar).dataSync<'float32'>();
    return Math.sqrt(2 * sum);
  });
  return { norm, scale: Math.min(1, maxNorm / (norm + CLIP_EPSILON)) };
}
