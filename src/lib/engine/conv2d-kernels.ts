import { hasOneDnn, ONE_DNN_KERNEL } from './one-dnn';
import { attributesBySetting, FLOAT, rawOp } from './raw-op';
import type { AttributeValue } from './raw-op';
import { tf } from './tensorflow';
import type { Tensor, Tensor4D } from './types';

/** Stride, and zero padding, of all sides. */
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

const SAME: Record<string, AttributeValue> = {
  ...attributesOf({ stride: 1, padding: 0 }),
  padding: 'SAME',
};

/**
 * How the gradients are padded: their kernels take half the speed with explicit padding, so it is SAME where that is
 * the same, and otherwise `edge` zeros around the input.
 */
function gradientPadding(kernel: number, { stride, padding }: ConvAttributes) {
  const isSame = stride === 1 && kernel === 2 * padding + 1;
  return isSame
    ? { edge: 0, record: SAME }
    : { edge: padding, record: attributesOf({ stride, padding: 0 }) };
}

/** @param x [b, h, w, in] @param filter [kernel, kernel, in, out] @param bias [out] */
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

/** @param shape of the input */
export function inputGradient(
  shape: readonly number[],
  filter: Tensor,
  dy: Tensor,
  attributes: ConvAttributes,
): Tensor {
  const { edge, record } = gradientPadding(filter.shape[0], attributes);
  const [batch, height, width, channels] = shape;
  return tf.tidy(() => {
    const padded = tf.tensor1d([batch, height + 2 * edge, width + 2 * edge, channels], 'int32');
    const dx = rawOp('Conv2DBackpropInput', [padded, filter, dy], record);
    if (edge === 0) return dx;
    return tf.slice(dx as Tensor4D, [0, edge, edge, 0], shape as number[]);
  });
}

/** @param shape of the filter */
export function filterGradient(
  x: Tensor,
  shape: readonly number[],
  dy: Tensor,
  attributes: ConvAttributes,
): Tensor {
  const { edge, record } = gradientPadding(shape[0], attributes);
  return tf.tidy(() => {
    const sides: [number, number] = [edge, edge];
    const input = edge === 0 ? x : tf.pad(x as Tensor4D, [[0, 0], sides, sides, [0, 0]]);
    const inputs = [input, tf.tensor1d(shape as number[], 'int32'), dy];
    return rawOp('Conv2DBackpropFilter', inputs, record);
  });
}

/** x + bias, channel by channel. */
export function addBias(x: Tensor, bias: Tensor): Tensor {
  return rawOp('BiasAdd', [x, bias], BIAS);
}

/** The gradient with respect to a bias: the sum over batch and positions. */
export function biasGradient(dy: Tensor): Tensor {
  return rawOp('BiasAddGrad', [dy], BIAS);
}
