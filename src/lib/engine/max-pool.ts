import { defineOp } from './define-op';
import { hasOneDnn } from './one-dnn';
import { keepingPlaces } from './one-dnn-max-pool';
import { attributesBySetting, FLOAT, rawOp } from './raw-op';
import type { Tensor, Tensor4D } from './types';

/** Windows of size x size, `stride` apart, on an input that is padded alike on all sides. */
export interface PoolAttributes {
  size: number;
  stride: number;
  padding: number;
}

const attributesOf = attributesBySetting(({ size, stride, padding }: PoolAttributes) => ({
  ...FLOAT,
  ksize: [1, size, size, 1],
  strides: [1, stride, stride, 1],
  padding: padding === 0 ? 'VALID' : 'EXPLICIT',
  data_format: 'NHWC',
  explicit_paddings: padding === 0 ? [] : [0, 0, padding, padding, padding, padding, 0, 0],
}));

/** By TensorFlow's own kernels, whose gradient looks for the largest value of each window a second time. */
const lookingTwice = defineOp<{ x: Tensor }, PoolAttributes>({
  name: 'PaddedMaxPool',
  forward: ({ x }, attributes, save) => {
    const y = rawOp('MaxPool', [x], attributesOf(attributes));
    save(x, y);
    return y;
  },
  backward: ([dy], [x, y], attributes) => ({
    x: () => rawOp('MaxPoolGrad', [x, y, dy], attributesOf(attributes)),
  }),
});

/**
 * Max-pooling over size x size windows, padded alike on all sides (padding never wins), as PyTorch's `MaxPool2d`.
 * Where a window has its largest value more than once, the gradient goes to the first.
 *
 * @param x [batch, height, width, channels]
 */
export function maxPool(x: Tensor4D, size: number, stride: number, padding: number): Tensor4D {
  const run = hasOneDnn() ? keepingPlaces : lookingTwice;
  return run({ x }, { size, stride, padding })[0] as Tensor4D;
}
