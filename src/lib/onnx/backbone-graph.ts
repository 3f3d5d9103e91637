import { BATCH_NORM_EPSILON } from '../engine/index';
import { IMAGENET_MEAN, IMAGENET_STD } from '../models/image-batch';
import { BLOCKS_PER_LAYER, LEVEL_CHANNELS } from '../models/resnet18';
import type { PerLevel } from '../models/resnet18';
import type { NamedArray, NamedArrays } from '../weights/named-arrays';
import type { GraphBuilder, Value } from './graph-builder';

/** Features of levels 1 to 3 in ONNX's layout: [b, channels, h, w]. */
export type PyramidValues = PerLevel<Value>;

/**
 * A backbone in inference mode, as in models/resnet18.ts, its batch norms folded into its convolutions.
 *
 * @param prefix what the names of its values begin with
 * @param centred [b, 3, h, w], see `centredPixels`
 */
export function backboneGraph(
  graph: GraphBuilder,
  prefix: string,
  arrays: NamedArrays,
  centred: Value,
): PyramidValues {
  const stem = onCentredPixels(foldBatchNorm(arrays, 'conv1', 'bn1'));
  const first = convolve(graph, `${prefix}conv1`, stem, centred, { stride: 2, padding: 3 });
  const activated = graph.node(`${first}/relu`, 'Relu', [first]);
  let x = graph.node(`${prefix}maxpool`, 'MaxPool', [activated], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  });
  return LEVEL_CHANNELS.map((_, index) => {
    for (let block = 0; block < BLOCKS_PER_LAYER; block++) {
      const name = `layer${index + 1}.${block}`;
      const stride = block === 0 && index > 0 ? 2 : 1;
      x = basicBlockGraph(graph, prefix, arrays, name, x, stride);
    }
    return x;
  }) as PyramidValues;
}

/**
 * Two 3x3 convolutions around which the input is added back, their batch norms folded into them.
 *
 * @param name what the names of its arrays begin with
 */
export function basicBlockGraph(
  graph: GraphBuilder,
  prefix: string,
  arrays: NamedArrays,
  name: string,
  x: Value,
  stride: number,
): Value {
  const folded = (layer: string, norm: string, input: Value, stride: number, padding: number) =>
    convolve(
      graph,
      `${prefix}${name}.${layer}`,
      foldBatchNorm(arrays, `${name}.${layer}`, `${name}.${norm}`),
      input,
      { stride, padding },
    );
  const relu = (value: Value) => graph.node(`${value}/relu`, 'Relu', [value]);
  const inner = relu(folded('conv1', 'bn1', x, stride, 1));
  const residual = folded('conv2', 'bn2', inner, 1, 1);
  const identity = arrays.has(`${name}.downsample.0.weight`)
    ? folded('downsample.0', 'downsample.1', x, stride, 0)
    : x;
  return relu(graph.node(`${prefix}${name}.sum`, 'Add', [residual, identity]));
}

/**
 * A convolution with its bias and the same zero padding on all four sides.
 *
 * @param x [b, in, h, w]
 * @returns [b, out, floor((h + 2 padding - kernel) / stride) + 1, ...]
 */
export function convolve(
  graph: GraphBuilder,
  name: string,
  { weight, bias }: Convolution,
  x: Value,
  { stride, padding }: { stride: number; padding: number },
): Value {
  const [, , height, width] = weight.shape;
  const inputs = [
    x,
    graph.constant(`${name}.weight`, weight.shape, weight.data),
    graph.constant(`${name}.bias`, [bias.length], bias),
  ];
  return graph.node(name, 'Conv', inputs, {
    kernel_shape: [height, width],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
  });
}

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
  const { data: unfolded } = weight;
  const data = new Float32Array(unfolded.length);
  const bias = new Float32Array(scale.length);
  const perChannel = data.length / scale.length;
  for (let channel = 0; channel < scale.length; channel++) {
    const factor = scale[channel] / Math.sqrt(variance[channel] + BATCH_NORM_EPSILON);
    bias[channel] = offset[channel] - mean[channel] * factor;
    const end = (channel + 1) * perChannel;
    for (let i = channel * perChannel; i < end; i++) data[i] = unfolded[i] * factor;
  }
  return { weight: { shape: weight.shape, data }, bias };
}

/**
 * From decoded pixels to what the first convolutions take: (pixel / 255 - mean) / std of each channel. The graph only
 * subtracts 255 mean from the pixels; dividing by 255 std is left to the first convolution's weights, which costs nothing.
 * The mean is not left to its bias: zero padding means pixels at the mean, so it must be subtracted before.
 *
 * @param pixels uint8 [b, h, w, 3]
 * @returns [b, 3, h, w]
 */
export function centredPixels(graph: GraphBuilder, pixels: Value): Value {
  const channelsFirst = graph.node('pixels/channels_first', 'Transpose', [pixels], {
    perm: [0, 3, 1, 2],
  });
  const floats = graph.node('pixels/float', 'Cast', [channelsFirst], { to: 1 });
  const mean = graph.constant(
    'pixels/mean',
    [1, 3, 1, 1],
    Float32Array.from(IMAGENET_MEAN, (value) => 255 * value),
  );
  return graph.node('pixels/centred', 'Sub', [floats, mean]);
}

/** A convolution on normalised images as one on centred pixels. */
function onCentredPixels({ weight, bias }: Convolution): Convolution {
  const [, channels, height, width] = weight.shape;
  const data = weight.data.map((value, i) => {
    const channel = Math.floor(i / (height * width)) % channels;
    return value / (255 * IMAGENET_STD[channel]);
  });
  return { weight: { shape: weight.shape, data }, bias };
}
