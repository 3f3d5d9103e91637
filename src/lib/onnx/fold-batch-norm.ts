import { BATCH_NORM_EPSILON } from '../engine/batch-norm-epsilon';
import type { NamedArray, NamedArrays } from '../weights/tensor-file';

/** A convolution with a bias, in PyTorch's layout: [out, in, height, width] and [out]. */
export interface Convolution {
  weight: NamedArray;
  bias: Float32Array;
}

/** An array of a network. Throws for a name that the network does not have. */
export function requireArray(arrays: NamedArrays, name: string): NamedArray {
  const array = arrays.get(name);
  if (!array) throw new Error(`No parameter or buffer is named "${name}".`);
  return array;
}

/**
 * A convolution and the batch norm behind it, in inference mode, as one convolution:
 * weight' = weight scale / sqrt(variance + eps), bias' = offset - mean scale / sqrt(variance + eps).
 *
 * @param convolution name of the convolution, without bias
 * @param batchNorm name of the batch norm
 */
export function foldBatchNorm(
  arrays: NamedArrays,
  convolution: string,
  batchNorm: string,
): Convolution {
  const weight = requireArray(arrays, `${convolution}.weight`);
  const part = (name: string) => requireArray(arrays, `${batchNorm}.${name}`).data;
  const [scale, offset] = [part('weight'), part('bias')];
  const [mean, variance] = [part('running_mean'), part('running_var')];
  const data = new Float32Array(weight.data.length);
  const bias = new Float32Array(scale.length);
  const perChannel = data.length / scale.length;
  for (let channel = 0; channel < scale.length; channel++) {
    const factor = scale[channel] / Math.sqrt(variance[channel] + BATCH_NORM_EPSILON);
    bias[channel] = offset[channel] - mean[channel] * factor;
    const end = (channel + 1) * perChannel;
    for (let i = channel * perChannel; i < end; i++) data[i] = weight.data[i] * factor;
  }
  return { weight: { shape: weight.shape, data }, bias };
}
