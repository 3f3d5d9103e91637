import { defineOp, FLOAT, rawOp } from './raw-op';
import type { AttributeValue } from './raw-op';
import type { Tensor, Tensor1D, Tensor4D } from './types';

const ATTRIBUTES: Record<string, AttributeValue> = { ...FLOAT, data_format: 'NHWC' };

const run = defineOp<{ x: Tensor; bias: Tensor }, object>({
  name: 'ChannelBiasAdd',
  forward: ({ x, bias }) => rawOp('BiasAdd', [x, bias], ATTRIBUTES),
  backward: (dy) => ({
    x: () => (dy as Tensor).clone(),
    bias: () => rawOp('BiasAddGrad', [dy as Tensor], ATTRIBUTES),
  }),
});

/** x + bias, channel by channel. @param x [batch, height, width, channels] @param bias [channels] */
export function biasAdd(x: Tensor4D, bias: Tensor1D): Tensor4D {
  return run({ x, bias }, {})[0] as Tensor4D;
}
