import { biasGradient, convolve, filterGradient, inputGradient } from './conv2d-kernels';
import type { ConvAttributes } from './conv2d-kernels';
import { defineOp } from './define-op';
import { FLOAT, rawOp } from './raw-op';
import type { Tensor, Tensor1D, Tensor4D } from './types';

const convolution = defineOp<{ x: Tensor; filter: Tensor }, ConvAttributes>({
  name: 'PaddedConv2D',
  forward: ({ x, filter }, attributes, save) => {
    save(x, filter);
    return convolve(x, filter, null, attributes);
  },
  backward: ([dy], [x, filter], attributes) => ({
    x: () => inputGradient(x.shape, filter, dy, attributes),
    filter: () => filterGradient(x, filter.shape, dy, attributes),
  }),
});

/**
 * 2-D convolution with the same explicit zero padding on all four sides, as PyTorch's `Conv2d`.
 *
 * @param x [batch, height, width, in]
 * @param filter [kernel, kernel, in, out]
 * @returns [batch, floor((height + 2 padding - kernel) / stride) + 1, ..., out]
 */
export function conv2d(x: Tensor4D, filter: Tensor4D, stride: number, padding: number): Tensor4D {
  return convolution({ x, filter }, { stride, padding })[0] as Tensor4D;
}

const biasedConvolution = defineOp<
  { x: Tensor; filter: Tensor; bias: Tensor },
  ConvAttributes & { relu: boolean }
>({
  name: 'BiasedConv2D',
  forward: ({ x, filter, bias }, attributes, save) => {
    const sum = convolve(x, filter, bias, attributes);
    if (!attributes.relu) {
      save(x, filter);
      return sum;
    }
    const y = rawOp('Relu', [sum], FLOAT);
    sum.dispose();
    save(x, filter, y);
    return y;
  },
  backward: ([dy], [x, filter, y], attributes, _, useUp) => {
    const dSum = y ? useUp(rawOp('ReluGrad', [dy, y], FLOAT)) : dy;
    return {
      x: () => inputGradient(x.shape, filter, dSum, attributes),
      filter: () => filterGradient(x, filter.shape, dSum, attributes),
      bias: () => biasGradient(dSum),
    };
  },
});

/**
 * `conv2d` at stride 1, plus a bias and, if told so, max(., 0) of it, whose parts below 0 are not kept then.
 *
 * @param bias [out]
 */
export function conv2dBias(
  x: Tensor4D,
  filter: Tensor4D,
  bias: Tensor1D,
  padding: number,
  { relu = false }: { relu?: boolean } = {},
): Tensor4D {
  return biasedConvolution({ x, filter, bias }, { stride: 1, padding, relu })[0] as Tensor4D;
}
