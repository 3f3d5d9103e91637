import { defineOp } from './define-op';
import { attributesBySetting, FLOAT, rawOp } from './raw-op';
import { tf } from './tensorflow';
import type { Tensor, Tensor4D } from './tensorflow';

interface TransposeAttributes {
  /** Side of the kernel, and the stride: windows touch and do not overlap. */
  size: number;
}

const attributesOf = attributesBySetting(({ size }: TransposeAttributes) => ({
  ...FLOAT,
  strides: [1, size, size, 1],
  padding: 'VALID',
  data_format: 'NHWC',
  use_cudnn_on_gpu: true,
  dilations: [1, 1, 1, 1],
  explicit_paddings: [],
}));

// A transposed convolution is the gradient of a convolution with respect to its input, and the other way round.
const run = defineOp<{ x: Tensor; filter: Tensor }, TransposeAttributes>({
  name: 'UpsamplingConv2DTranspose',
  forward: ({ x, filter }, attributes, save) => {
    save(x, filter);
    const [batch, height, width] = x.shape;
    const { size } = attributes;
    const shape = tf.tensor1d([batch, height! * size, width! * size, filter.shape[2]!], 'int32');
    const y = rawOp('Conv2DBackpropInput', [shape, filter, x], attributesOf(attributes));
    shape.dispose();
    return y;
  },
  backward: ([dy], [x, filter], attributes) => ({
    x: () => rawOp('Conv2D', [dy, filter], attributesOf(attributes)),
    filter: () => {
      const shape = tf.tensor1d(filter.shape, 'int32');
      const gradient = rawOp('Conv2DBackpropFilter', [dy, shape, x], attributesOf(attributes));
      shape.dispose();
      return gradient;
    },
  }),
});

/**
 * Transposed convolution whose kernel is as large as its stride: each position becomes size x size of them, as
 * PyTorch's `ConvTranspose2d(in, out, size, stride=size)`.
 *
 * @param x [batch, height, width, in]
 * @param filter [size, size, out, in]
 * @returns [batch, height size, width size, out]
 */
export function conv2dTranspose(x: Tensor4D, filter: Tensor4D): Tensor4D {
  return run({ x, filter }, { size: filter.shape[0] })[0] as Tensor4D;
}
