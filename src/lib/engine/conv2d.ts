import { defineOp, rawOp } from './raw-op';
import type { AttributeValue } from './raw-op';
import { tf } from './tensorflow';

import type { Tensor } from './types';
import type { Tensor4D } from './types';

interface ConvAttributes {
  stride: number;
  padding: number;
}

const records = new Map<string, Record<string, AttributeValue>>();

function attributesOf({ stride, padding }: ConvAttributes): Record<string, AttributeValue> {
  const key = `${stride},${padding}`;
  let record = records.get(key);
  if (!record) {
    record = {
      T: { type: 'float32' },
      strides: [1, stride, stride, 1],
      padding: padding === 0 ? 'VALID' : 'EXPLICIT',
      data_format: 'NHWC',
      use_cudnn_on_gpu: true,
      dilations: [1, 1, 1, 1],
      // Padding on both sides alike, as in PyTorch; TensorFlow's SAME pads unevenly at stride 2.
      explicit_paddings: padding === 0 ? [] : [0, 0, padding, padding, padding, padding, 0, 0],
    };
    records.set(key, record);
  }
  return record;
}

const SAME: Record<string, AttributeValue> = {
  ...attributesOf({ stride: 1, padding: 0 }),
  padding: 'SAME',
};
const run = defineOp<{ x: Tensor; filter: Tensor }, ConvAttributes>({
  name: 'PaddedConv2D',
  forward: ({ x, filter }, attributes) => rawOp('Conv2D', [x, filter], attributesOf(attributes)),
  save: { inputs: ['x', 'filter'] },
  backward: (dy, [x, filter], attributes) => {
    const { stride, padding } = attributes;
    const [kernel] = filter.shape;
    const [, height, width] = x.shape as number[];
    const isSame = stride === 1 && kernel === 2 * padding + 1;
    const record = isSame ? SAME : attributesOf({ stride, padding: 0 });
    const edge = isSame ? 0 : padding;
    return {
      x: () =>
        tf.tidy(() => {
          const padded = [x.shape[0], height + 2 * edge, width + 2 * edge, x.shape[3]] as number[];
          const dx = rawOp(
            'Conv2DBackpropInput',
            [tf.tensor1d(padded, 'int32'), filter, dy as Tensor],
            record,
          );
          return edge === 0 ? dx : tf.slice(dx, [0, edge, edge, 0], x.shape);
        }),
      filter: () =>
        tf.tidy(() => {
          const input =
            edge === 0
              ? x
              : tf.pad(x, [
                  [0, 0],
                  [edge, edge],
                  [edge, edge],
                  [0, 0],
                ]);
          return rawOp(
            'Conv2DBackpropFilter',
            [input, tf.tensor1d(filter.shape, 'int32'), dy as Tensor],
            record,
          );
        }),
    };
  },
});

/**
 * 2-D convolution with the same explicit zero padding on all four sides, as PyTorch's `Conv2d`.
 *
 * @param x [batch, height, width, in]
 * @param filter [kernel, kernel, in, out]
 * @returns [batch, floor((height + 2 padding - kernel) / stride) + 1, ..., out]
 */
export function conv2d(x: Tensor4D, filter: Tensor4D, stride: number, padding: number): Tensor4D {
  return run({ x, filter }, { stride, padding })[0] as Tensor4D;
}
