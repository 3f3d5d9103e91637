import { defineOp, share } from './define-op';
import { attributesBySetting, FLOAT, hasOneDnn, ONE_DNN_KERNEL, rawOp } from './raw-op';
import type { AttributeValue } from './raw-op';
import { tf } from './tensorflow';
import type { Tensor, Tensor1D, Tensor4D } from './tensorflow';

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
 * `conv2d` at stride 1, plus a bias and, if asked for, max(., 0) of it; what is below 0 is then not kept.
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

/** Stride, and zero padding on all sides. */
export interface ConvAttributes {
  stride: number;
  padding: number;
}

const attributesOf = attributesBySetting(({ stride, padding }: ConvAttributes) => ({
  ...FLOAT,
  strides: [1, stride, stride, 1],
  padding: padding === 0 ? 'VALID' : 'EXPLICIT',
  data_format: 'NHWC',
  use_cudnn_on_gpu: true,
  dilations: [1, 1, 1, 1],
  // Padding on both sides alike, as in PyTorch; TensorFlow's SAME pads unevenly at stride 2.
  explicit_paddings: padding === 0 ? [] : [0, 0, padding, padding, padding, padding, 0, 0],
}));

const oneDnnAttributesOf = attributesBySetting((attributes: ConvAttributes) => ({
  ...attributesOf(attributes),
  ...ONE_DNN_KERNEL,
}));

const BIAS: Record<string, AttributeValue> = { ...FLOAT, data_format: 'NHWC' };

const sameAttributesOf = attributesBySetting(({ stride }: { stride: number }) => ({
  ...attributesOf({ stride, padding: 0 }),
  padding: 'SAME',
}));

/**
 * How the gradients are padded: their kernels take half the speed with explicit padding, so it is SAME where that is
 * the same, and otherwise `edge` zeros around the input.
 *
 * @param shape of the input
 */
function gradientPadding(
  [, height, width]: readonly number[],
  kernel: number,
  { stride, padding }: ConvAttributes,
) {
  const isSame = kernel - stride === 2 * padding && height % stride === 0 && width % stride === 0;
  return isSame
    ? { edge: 0, record: sameAttributesOf({ stride }) }
    : { edge: padding, record: attributesOf({ stride, padding: 0 }) };
}

/**
 * The convolution itself; no gradient is recorded.
 *
 * @param x [b, h, w, in]
 * @param filter [kernel, kernel, in, out]
 * @param bias [out]
 */
export function convolve(
  x: Tensor,
  filter: Tensor,
  bias: Tensor | null,
  attributes: ConvAttributes,
): Tensor {
  if (bias === null) return rawOp('Conv2D', [x, filter], attributesOf(attributes));
  if (hasOneDnn()) {
    const inputs = [x, filter, bias];
    return rawOp('_MklNativeConv2DWithBias', inputs, oneDnnAttributesOf(attributes));
  }
  const y = rawOp('Conv2D', [x, filter], attributesOf(attributes));
  const sum = addBias(y, bias);
  y.dispose();
  return sum;
}

/** The gradient of a convolution with respect to its input. @param shape of the input */
export function inputGradient(
  shape: readonly number[],
  filter: Tensor,
  dy: Tensor,
  attributes: ConvAttributes,
): Tensor {
  const { edge, record } = gradientPadding(shape, filter.shape[0], attributes);
  const [batch, height, width, channels] = shape;
  return tf.tidy(() => {
    const padded = tf.tensor1d([batch, height + 2 * edge, width + 2 * edge, channels], 'int32');
    const dx = rawOp('Conv2DBackpropInput', [padded, filter, dy], record);
    if (edge === 0) return dx;
    return tf.slice(dx as Tensor4D, [0, edge, edge, 0], shape as number[]);
  });
}

/** The gradient of a convolution with respect to its filter. @param shape of the filter */
export function filterGradient(
  x: Tensor,
  shape: readonly number[],
  dy: Tensor,
  attributes: ConvAttributes,
): Tensor {
  const { edge, record } = gradientPadding(x.shape, shape[0], attributes);
  return tf.tidy(() => {
    const sides: [number, number] = [edge, edge];
    const input = edge === 0 ? x : tf.pad(x as Tensor4D, [[0, 0], sides, sides, [0, 0]]);
    const inputs = [input, tf.tensor1d(shape as number[], 'int32'), dy];
    return rawOp('Conv2DBackpropFilter', inputs, record);
  });
}

/** x + bias, channel by channel. */
function addBias(x: Tensor, bias: Tensor): Tensor {
  return rawOp('BiasAdd', [x, bias], BIAS);
}

/** The gradient with respect to a bias: the sum over batch and positions. */
function biasGradient(dy: Tensor): Tensor {
  return rawOp('BiasAddGrad', [dy], BIAS);
}

const shiftChannels = defineOp<{ x: Tensor; bias: Tensor }>({
  name: 'ChannelBiasAdd',
  forward: ({ x, bias }) => addBias(x, bias),
  backward: ([dy]) => ({ x: () => share(dy), bias: () => biasGradient(dy) }),
});

/** x + bias, channel by channel. @param x [batch, height, width, channels] @param bias [channels] */
export function biasAdd(x: Tensor4D, bias: Tensor1D): Tensor4D {
  return shiftChannels({ x, bias }, {})[0] as Tensor4D;
}
