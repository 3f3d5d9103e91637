import { defineOp, share } from './define-op';
import { withEdge, withoutEdge } from './edges';
import { converted, widened } from './precision';
import {
  attributesBySetting,
  elementType,
  hasOneDnn,
  ONE_DNN_KERNEL,
  rawOp,
  typeOf,
} from './raw-op';
import type { ElementType } from './raw-op';
import { tf } from './tensorflow';
import type { Tensor, Tensor1D, Tensor4D } from './tensorflow';

const convolution = defineOp<{ x: Tensor; filter: Tensor }, ConvAttributes>({
  name: 'PaddedConv2D',
  forward: ({ x, filter }, attributes, save) => {
    const weights = converted(filter, elementType(x));
    save(x, weights);
    return convolve(x, weights, null, attributes);
  },
  backward: ([dy], [x, weights], attributes) => ({
    x: () => inputGradient(x.shape, weights, dy, attributes),
    filter: () => widened(filterGradient(x, weights.shape, dy, attributes)),
  }),
});

/**
 * 2-D convolution with the same explicit zero padding on all four sides, as PyTorch's `Conv2d`.
 *
 * @param x [batch, height, width, in], float32 or bfloat16, in which the convolution computes
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
    const weights = converted(filter, elementType(x));
    const sum = convolve(x, weights, bias, attributes);
    if (!attributes.relu) {
      save(x, weights);
      return sum;
    }
    const y = rawOp('Relu', [sum], typeOf(sum));
    sum.dispose();
    save(x, weights, y);
    return y;
  },
  backward: ([dy], [x, weights, y], attributes, _, useUp) => {
    const dSum = y ? useUp(rawOp('ReluGrad', [dy, y], typeOf(y))) : dy;
    return {
      x: () => inputGradient(x.shape, weights, dSum, attributes),
      filter: () => widened(filterGradient(x, weights.shape, dSum, attributes)),
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

/** `ConvAttributes`, and what the convolution computes with. */
interface TypedAttributes extends ConvAttributes {
  type: ElementType;
}

const attributesOf = attributesBySetting(({ stride, padding, type }: TypedAttributes) => ({
  T: { type },
  strides: [1, stride, stride, 1],
  padding: padding === 0 ? 'VALID' : 'EXPLICIT',
  data_format: 'NHWC',
  use_cudnn_on_gpu: true,
  dilations: [1, 1, 1, 1],
  // Padding on both sides alike, as in PyTorch; TensorFlow's SAME pads unevenly at stride 2.
  explicit_paddings: padding === 0 ? [] : [0, 0, padding, padding, padding, padding, 0, 0],
}));

const oneDnnAttributesOf = attributesBySetting((attributes: TypedAttributes) => ({
  ...attributesOf(attributes),
  ...ONE_DNN_KERNEL,
}));

const biasAttributesOf = attributesBySetting(({ type }: { type: ElementType }) => ({
  T: { type },
  data_format: 'NHWC',
}));

const sameAttributesOf = attributesBySetting(
  ({ stride, type }: Pick<TypedAttributes, 'stride' | 'type'>) => ({
    ...attributesOf({ stride, padding: 0, type }),
    padding: 'SAME',
  }),
);

/**
 * How the gradients are padded: their kernels take half the speed with explicit padding, so it is SAME where that is
 * the same, and otherwise `edge` zeros around the input.
 *
 * @param shape of the input
 */
function gradientPadding(
  [, height, width]: readonly number[],
  kernel: number,
  { stride, padding, type }: TypedAttributes,
) {
  const isSame = kernel - stride === 2 * padding && height % stride === 0 && width % stride === 0;
  return isSame
    ? { edge: 0, record: sameAttributesOf({ stride, type }) }
    : { edge: padding, record: attributesOf({ stride, padding: 0, type }) };
}

/**
 * The convolution itself; no gradient is recorded.
 *
 * @param x [b, h, w, in]
 * @param filter [kernel, kernel, in, out], of the type of `x`
 * @param bias [out], float32
 */
export function convolve(
  x: Tensor,
  filter: Tensor,
  bias: Tensor | null,
  attributes: ConvAttributes,
): Tensor {
  const typed = { ...attributes, type: elementType(x) };
  if (bias === null) return rawOp('Conv2D', [x, filter], attributesOf(typed));
  if (hasOneDnn()) {
    const shift = converted(bias, typed.type);
    const inputs = [x, filter, shift];
    const sum = rawOp('_MklNativeConv2DWithBias', inputs, oneDnnAttributesOf(typed));
    shift.dispose();
    return sum;
  }
  const y = rawOp('Conv2D', [x, filter], attributesOf(typed));
  const sum = addBias(y, bias);
  y.dispose();
  return sum;
}

/**
 * The gradient of a convolution with respect to its input, of the type of `dy`.
 *
 * @param shape of the input
 * @param filter of the type of `dy`
 */
export function inputGradient(
  shape: readonly number[],
  filter: Tensor,
  dy: Tensor,
  attributes: ConvAttributes,
): Tensor {
  const typed = { ...attributes, type: elementType(dy) };
  const { edge, record } = gradientPadding(shape, filter.shape[0], typed);
  const [batch, height, width, channels] = shape;
  return tf.tidy(() => {
    const padded = tf.tensor1d([batch, height + 2 * edge, width + 2 * edge, channels], 'int32');
    const dx = rawOp('Conv2DBackpropInput', [padded, filter, dy], record);
    return edge === 0 ? dx : withoutEdge(dx, edge, shape);
  });
}

/** The gradient of a convolution with respect to its filter, of the type of `x`. @param shape of the filter */
export function filterGradient(
  x: Tensor,
  shape: readonly number[],
  dy: Tensor,
  attributes: ConvAttributes,
): Tensor {
  const typed = { ...attributes, type: elementType(x) };
  const { edge, record } = gradientPadding(x.shape, shape[0], typed);
  return tf.tidy(() => {
    const input = edge === 0 ? x : withEdge(x, edge);
    const inputs = [input, tf.tensor1d(shape as number[], 'int32'), dy];
    return rawOp('Conv2DBackpropFilter', inputs, record);
  });
}

/** x + bias, channel by channel. */
function addBias(x: Tensor, bias: Tensor): Tensor {
  const type = elementType(x);
  const shift = converted(bias, type);
  const sum = rawOp('BiasAdd', [x, shift], biasAttributesOf({ type }));
  shift.dispose();
  return sum;
}

/** The gradient with respect to a bias: the sum over batch and positions, which the op adds up in the type of `dy`. */
function biasGradient(dy: Tensor): Tensor {
  const wide = converted(dy, 'float32');
  const sum = rawOp('BiasAddGrad', [wide], biasAttributesOf({ type: 'float32' }));
  wide.dispose();
  return sum;
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
