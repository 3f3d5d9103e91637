import { convolve, filterGradient, inputGradient } from './conv2d';
import type { ConvAttributes } from './conv2d';
import { defineOp } from './define-op';
import { converted, widened } from './precision';
import { elementType } from './raw-op';
import type { Tensor, Tensor4D } from './tensorflow';

// A transposed convolution is the gradient of a convolution with respect to its input, and the other way round.
const run = defineOp<{ x: Tensor; filter: Tensor }, ConvAttributes>({
  name: 'TransposedConv2D',
  forward: ({ x, filter }, attributes, save) => {
    const weights = converted(filter, elementType(x));
    save(x, weights);
    const { stride, padding } = attributes;
    const [batch, height, width] = x.shape;
    const [kernel, , out] = filter.shape;
    const enlarged = (side: number) => (side - 1) * stride + kernel - 2 * padding;
    const enlargedShape = [batch, enlarged(height!), enlarged(width!), out!];
    return inputGradient(enlargedShape, weights, x, attributes);
  },
  backward: ([dy], [x, weights], attributes) => ({
    x: () => convolve(dy, weights, null, attributes),
    filter: () => widened(filterGradient(dy, weights.shape, x, attributes)),
  }),
});

/**
 * Transposed convolution, as PyTorch's `ConvTranspose2d(in, out, kernel, stride, padding)`.
 *
 * @param x [batch, height, width, in], float32 or bfloat16, in which it computes
 * @param filter [kernel, kernel, out, in]
 * @param stride default: the kernel's side, so that each position becomes kernel x kernel of them
 * @param padding how much is cut off on all four sides, as if the convolution had been padded by it
 * @returns [batch, (height - 1) stride + kernel - 2 padding, ..., out]
 */
export function conv2dTranspose(
  x: Tensor4D,
  filter: Tensor4D,
  stride: number = filter.shape[0],
  padding = 0,
): Tensor4D {
  return run({ x, filter }, { stride, padding })[0] as Tensor4D;
}
