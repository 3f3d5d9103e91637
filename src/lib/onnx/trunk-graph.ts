import { LEVEL_CHANNELS } from '../models/pyramid-levels';
import { BLOCKS_PER_LAYER } from '../models/resnet18-shapes';
import type { NamedArrays } from '../weights/tensor-file';
import { convolve } from './convolve';
import { foldBatchNorm } from './fold-batch-norm';
import type { GraphBuilder, Value } from './graph-builder';
import { onCentredPixels } from './image-input';

/** Features of levels 1 to 3 in ONNX's layout: [b, channels, h, w]. */
export type PyramidValues = [Value, Value, Value];

/**
 * A trunk in inference mode, as in models/resnet18.ts, its batch norms folded into its convolutions.
 *
 * @param prefix what the names of its values begin with
 * @param centred [b, 3, h, w], see `centredPixels`
 */
export function trunkGraph(
  graph: GraphBuilder,
  prefix: string,
  arrays: NamedArrays,
  centred: Value,
): PyramidValues {
  const folded = (name: string, norm: string, x: Value, stride: number, padding: number) => {
    const convolution = foldBatchNorm(arrays, name, norm);
    return convolve(graph, `${prefix}${name}`, convolution, x, { stride, padding });
  };
  const relu = (x: Value) => graph.node(`${x}/relu`, 'Relu', [x]);

  const stem = onCentredPixels(foldBatchNorm(arrays, 'conv1', 'bn1'));
  const first = convolve(graph, `${prefix}conv1`, stem, centred, { stride: 2, padding: 3 });
  let x = graph.node(`${prefix}maxpool`, 'MaxPool', [relu(first)], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  });
  return LEVEL_CHANNELS.map((_, index) => {
    for (let block = 0; block < BLOCKS_PER_LAYER; block++) {
      const name = `layer${index + 1}.${block}`;
      const stride = block === 0 && index > 0 ? 2 : 1;
      const inner = relu(folded(`${name}.conv1`, `${name}.bn1`, x, stride, 1));
      const residual = folded(`${name}.conv2`, `${name}.bn2`, inner, 1, 1);
      const identity = arrays.has(`${name}.downsample.0.weight`)
        ? folded(`${name}.downsample.0`, `${name}.downsample.1`, x, stride, 0)
        : x;
      x = relu(graph.node(`${prefix}${name}.sum`, 'Add', [residual, identity]));
    }
    return x;
  }) as PyramidValues;
}
