import { tf } from './tensorflow';
import type { Tensor4D } from './tensorflow';

/**
 * Bilinear resize with half-pixel centres, edges clamped: PyTorch's `interpolate(mode='bilinear',
 * align_corners=False)`. Forward only: tfjs-node's gradient of this op is wrong, and no loss needs it.
 *
 * @param x [batch, height, width, channels]
 */
export function resizeBilinear(
  x: Tensor4D,
  { height, width }: { height: number; width: number },
): Tensor4D {
  return tf.image.resizeBilinear(x, [height, width], false, true);
}
