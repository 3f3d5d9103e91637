import { IMAGENET_MEAN, IMAGENET_STD } from '../models/image-normalisation';
import type { Convolution } from './fold-batch-norm';
import type { GraphBuilder, Value } from './graph-builder';

/**
 * From decoded pixels to what the first convolutions take: (pixel / 255 - mean) / std of each channel. The graph only
 * takes 255 mean from the pixels; dividing by 255 std is left to the first convolution's weights, which costs nothing.
 * The mean is not left to its bias: zero padding stands for a pixel of the mean, so it must be gone before.
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
export function onCentredPixels({ weight, bias }: Convolution): Convolution {
  const [, channels, height, width] = weight.shape;
  const data = weight.data.map((value, i) => {
    const channel = Math.floor(i / (height * width)) % channels;
    return value / (255 * IMAGENET_STD[channel]);
  });
  return { weight: { shape: weight.shape, data }, bias };
}
