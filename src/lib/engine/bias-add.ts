import { addBias, biasGradient } from './conv2d-kernels';
import { defineOp, share } from './define-op';
import type { Tensor, Tensor1D, Tensor4D } from './types';

const shiftChannels = defineOp<{ x: Tensor; bias: Tensor }>({
  name: 'ChannelBiasAdd',
  forward: ({ x, bias }) => addBias(x, bias),
  backward: ([dy]) => ({ x: () => share(dy), bias: () => biasGradient(dy) }),
});

/** x + bias, channel by channel. @param x [batch, height, width, channels] @param bias [channels] */
export function biasAdd(x: Tensor4D, bias: Tensor1D): Tensor4D {
  return shiftChannels({ x, bias }, {})[0] as Tensor4D;
}
