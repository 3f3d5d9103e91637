import type { Convolution } from './fold-batch-norm';
import type { GraphBuilder, Value } from './graph-builder';

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
