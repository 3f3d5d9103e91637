import { defineOp, rawOp } from './raw-op';
import type { AttributeValue } from './raw-op';

import type { Tensor } from './types';
import type { Tensor4D } from './types';

interface PoolAttributes {
  size: number;
  stride: number;
  padding: number;
}

const records = new Map<string, Record<string, AttributeValue>>();

function attributesOf({ size, stride, padding }: PoolAttributes): Record<string, AttributeValue> {
  const key = `${size},${stride},${padding}`;
  let record = records.get(key);
  if (!record) {
    record = {
      T: { type: 'float32' },
      ksize: [1, size, size, 1],
      strides: [1, stride, stride, 1],
      padding: padding === 0 ? 'VALID' : 'EXPLICIT',
      data_format: 'NHWC',
      explicit_paddings: padding === 0 ? [] : [0, 0, padding, padding, padding, padding, 0, 0],
    };
    records.set(key, record);
  }
  return record;
}

const run = defineOp<{ x: Tensor }, PoolAttributes>({
  name: 'PaddedMaxPool',
  forward: ({ x }, attributes) => rawOp('MaxPool', [x], attributesOf(attributes)),
  save: { inputs: ['x'], outputs: [true] },
  backward: (dy, [x, y], attributes) => ({
    x: () => rawOp('MaxPoolGrad', [x, y, dy as Tensor], attributesOf(attributes)),
  }),
});

/**
 * Max-pooling over size x size windows, padded alike on all sides (padding never wins), as PyTorch's `MaxPool2d`.
 *
 * @param x [batch, height, width, channels]
 */
export function maxPool(x: Tensor4D, size: number, stride: number, padding: number): Tensor4D {
  return run({ x }, { size, stride, padding })[0] as Tensor4D;
}
