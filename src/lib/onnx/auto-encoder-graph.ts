import { autoEncoderPlan } from '../models/auto-encoder';
import type { AutoEncoderConfig } from '../models/auto-encoder';
import type { NamedArrays } from '../weights/named-arrays';
import { convolve, requireArray } from './backbone-graph';
import type { GraphBuilder, Value } from './graph-builder';

/**
 * A(x) of one level, every variant of models/auto-encoder.ts.
 *
 * @param arrays named as in `autoEncodersShapes`
 * @param prefix what its names begin with, see `autoEncoderPrefix`
 * @param x [b, depth, h, w]
 * @returns [b, depth, h, w]
 */
export function autoEncoderGraph(
  graph: GraphBuilder,
  arrays: NamedArrays,
  config: AutoEncoderConfig,
  prefix: string,
  depth: number,
  x: Value,
): Value {
  const { widths, expansions, hasHead } = autoEncoderPlan(config, depth);
  const { crop } = config;
  const weightAndBias = (name: string) => ({
    weight: requireArray(arrays, `${prefix}${name}.weight`),
    bias: requireArray(arrays, `${prefix}${name}.bias`).data,
  });
  const convolution = (name: string, input: Value, padding: number) =>
    convolve(graph, `${prefix}${name}`, weightAndBias(name), input, { stride: 1, padding });
  const convolutionRelu = (name: string, input: Value) =>
    graph.node(`${prefix}${name}/relu`, 'Relu', [convolution(name, input, 1)]);
  const block = (name: string, input: Value) =>
    convolutionRelu(`${name}.conv2`, convolutionRelu(`${name}.conv1`, input));
  const transpose = (name: string, input: Value) => {
    const { weight, bias } = weightAndBias(name);
    const parameters = [
      graph.constant(`${prefix}${name}.weight`, weight.shape, weight.data),
      graph.constant(`${prefix}${name}.bias`, [bias.length], bias),
    ];
    return graph.node(`${prefix}${name}`, 'ConvTranspose', [input, ...parameters], {
      kernel_shape: [2, 2],
      strides: [2, 2],
    });
  };

  let y = crop === 0 ? x : mirrored(graph, `${prefix}margin`, x, crop);
  const skips = widths.map((_, i) => {
    const name = `down${i + 1}`;
    const features = config.kind === 'basic' ? convolutionRelu(`${name}.conv1`, y) : block(name, y);
    y = graph.node(`${prefix}${name}.pool`, 'MaxPool', [features], {
      kernel_shape: [2, 2],
      strides: [2, 2],
    });
    return features;
  });
  if (config.kind === 'u-net') y = block('bottleneck', y);
  for (const { block: index, hasSkip } of expansions) {
    const name = `up${index}`;
    y = transpose(`${name}.transpose`, y);
    if (hasSkip) {
      y = graph.node(`${prefix}${name}.concat`, 'Concat', [y, skips[index - 1]], { axis: 1 });
    }
    if (config.kind === 'u-net' && config.decoderConvolutions) y = block(name, y);
  }
  if (hasHead) y = convolution('head', y, 0);
  return crop === 0 ? y : cropped(graph, `${prefix}crop`, y, crop);
}

/** A margin on all four sides that mirrors x, the border itself not repeated. */
function mirrored(graph: GraphBuilder, name: string, x: Value, margin: number): Value {
  const ends = [0, 0, margin, margin];
  const pads = graph.integers(`${name}.pads`, [...ends, ...ends]);
  return graph.node(name, 'Pad', [x, pads], { mode: 'reflect' });
}

function cropped(graph: GraphBuilder, name: string, x: Value, margin: number): Value {
  return graph.node(name, 'Slice', [
    x,
    graph.integers(`${name}.starts`, [margin, margin]),
    graph.integers(`${name}.ends`, [-margin, -margin]),
    graph.integers(`${name}.axes`, [2, 3]),
  ]);
}
