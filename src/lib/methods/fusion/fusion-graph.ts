import type { MapScale } from '../../anomaly-map/quantile-mean';
import { LEVEL_STRIDES } from '../../models/resnet18';
import { basicBlockGraph, convolve, foldBatchNorm, requireArray } from '../../onnx/backbone-graph';
import {
  imagesInput,
  levelMapsGraph,
  pyramidPairGraph,
  VALUE_NAMES,
} from '../../onnx/detector-graph';
import { GraphBuilder } from '../../onnx/graph-builder';
import type { Value } from '../../onnx/graph-builder';
import type { GraphProto } from '../../onnx/messages';
import { ofPrefix } from '../../training/recipe';
import type { NamedArrays } from '../../weights/named-arrays';
import { memoryOf } from '../patchcore/memory';
import { patchStride } from '../patchcore/patch-features';
import { blurredGraph, nearestPatchesGraph } from '../patchcore/patchcore-graph';
import { studentArrays } from '../student-teacher';
import { HEAD, HEAD_BLOCKS, SCORED_SHARE } from './fusion-head';
import { mapKinds } from './head-data';
import { mapWeights, scalesOf } from './plain-mean';
import { studentShape } from './student-and-memory';
import type { StudentAndMemoryConfig } from './student-and-memory';

const [STRIDE] = LEVEL_STRIDES;
const SIZE = ['batch', 'height', 'width'];

/** The detector of levels-and-memory.ts, from pixels to map and score. */
export function levelsAndMemoryGraph(
  model: NamedArrays,
  config: StudentAndMemoryConfig,
  teacher: NamedArrays,
): GraphProto {
  const graph = new GraphBuilder();
  const maps = mapsGraph(graph, model, config, teacher);
  const mean = quantileMeanGraph(graph, maps, scalesOf(model), mapWeights(config));
  const map = atImageSize(graph, VALUE_NAMES.map, mean);
  graph.output(map, SIZE, 'the mean of the maps, each on the scale of good images');
  graph.output(largest(graph, map), ['batch'], 'the largest value of the map');
  return graph.finish('levels-and-memory-detector');
}

/** The detector of fusion.ts, from pixels to map and score. */
export function fusionGraph(
  model: NamedArrays,
  config: StudentAndMemoryConfig & { imageScore: 'mean' | 'head' },
  teacher: NamedArrays,
): GraphProto {
  const head = ofPrefix(HEAD, model);
  if (head.size === 0) {
    return levelsAndMemoryGraph(model, config, teacher);
  }
  const graph = new GraphBuilder();
  const maps = mapsGraph(graph, model, config, teacher);
  const scales = scalesOf(model);
  const fused = headGraph(graph, head, headInputGraph(graph, maps, scales));
  graph.output(
    atImageSize(graph, VALUE_NAMES.map, fused),
    SIZE,
    'how likely each pixel is defective, from 0 to 1',
  );
  if (config.imageScore === 'mean') {
    const mean = quantileMeanGraph(graph, maps, scales, mapWeights(config));
    const whole = atImageSize(graph, 'mean_map', mean);
    const doc = 'the largest value of the mean of the maps, each on the scale of good images';
    graph.output(largest(graph, whole), ['batch'], doc);
  } else {
    graph.output(
      topMeanGraph(graph, fused),
      ['batch'],
      'the mean of the largest values of the map',
    );
  }
  return graph.finish('fusion-detector');
}

/** The maps of `openMapSource`, at the resolution of level 1: [b, 1, h, w] each. */
function mapsGraph(
  graph: GraphBuilder,
  model: NamedArrays,
  config: StudentAndMemoryConfig,
  teacher: NamedArrays,
): Value[] {
  const networks = { teacher, ...studentArrays(model, studentShape(config)) };
  const pair = pyramidPairGraph(graph, networks, imagesInput(graph));
  const upsample = (name: string, x: Value, stride: number) =>
    stride === STRIDE ? x : graph.upsample(name, x, stride / STRIDE);
  const levels = levelMapsGraph(graph, pair).map((map, i) =>
    upsample(`at_level_1_${i + 1}`, map, LEVEL_STRIDES[i]),
  );
  if (!config.memory) return levels;
  const { memoryLevels, smoothing } = config;
  const memory = memoryOf(model, memoryLevels);
  const { grid } = nearestPatchesGraph(graph, pair.teacher, memory, memoryLevels);
  const distances = upsample('distances_at_level_1', grid, patchStride(memoryLevels));
  return [...levels, blurredGraph(graph, distances, smoothing / STRIDE)];
}

/** As `quantileMean`. */
function quantileMeanGraph(
  graph: GraphBuilder,
  maps: readonly Value[],
  scales: readonly MapScale[],
  weights: readonly number[] = scales.map(() => 1 / scales.length),
): Value {
  const scaled = maps.map((map, i) => {
    const { low, high } = scales[i];
    const name = `scaled_${i + 1}`;
    const scalar = (what: string, value: number) =>
      graph.constant(`${name}/${what}`, [], Float32Array.of(value));
    const above = graph.node(`${name}/above`, 'Sub', [map, scalar('low', low)]);
    return graph.node(name, 'Mul', [above, scalar('factor', weights[i] / (high - low))]);
  });
  return graph.node('mean', 'Sum', scaled);
}

/** As `headInput`: [b, maps, h, w]. */
function headInputGraph(
  graph: GraphBuilder,
  maps: readonly Value[],
  scales: readonly MapScale[],
): Value {
  const zero = graph.constant('zero', [], Float32Array.of(0));
  const unit = graph.constant('head_input/one', [], Float32Array.of(1));
  const kinds = mapKinds(maps.length);
  const inputs = maps.map((map, i) => {
    const name = `head_input/${i + 1}`;
    const high = graph.constant(`${name}/high`, [], Float32Array.of(scales[i].high));
    const positive = graph.node(`${name}/positive`, 'Max', [map, zero]);
    const ratio = graph.node(`${name}/ratio`, 'Div', [positive, high]);
    if (kinds[i] === 'distance') return ratio;
    return graph.node(name, 'Log', [graph.node(`${name}/more`, 'Add', [ratio, unit])]);
  });
  return graph.node('head_input', 'Concat', inputs, { axis: 1 });
}

/** As `fusedMaps`: probabilities, [b, 1, h, w]. */
function headGraph(graph: GraphBuilder, head: NamedArrays, input: Value): Value {
  const first = convolve(graph, `${HEAD}conv1`, foldBatchNorm(head, 'conv1', 'bn1'), input, {
    stride: 1,
    padding: 1,
  });
  let x = graph.node(`${HEAD}conv1/relu`, 'Relu', [first]);
  for (const block of HEAD_BLOCKS) x = basicBlockGraph(graph, HEAD, head, block, x, 1);
  const out = {
    weight: requireArray(head, 'out.weight'),
    bias: requireArray(head, 'out.bias').data,
  };
  const logits = convolve(graph, `${HEAD}out`, out, x, { stride: 1, padding: 0 });
  return graph.node('probabilities', 'Sigmoid', [logits]);
}

/** A map of level 1's resolution at the image size: [b, 1, h, w] to [b, h, w]. */
function atImageSize(graph: GraphBuilder, name: string, map: Value): Value {
  const whole = graph.upsample(`${name}/upsampled`, map, STRIDE);
  return graph.node(name, 'Squeeze', [whole, graph.integers(`${name}/channel_axis`, [1])]);
}

function largest(graph: GraphBuilder, map: Value): Value {
  return graph.node(VALUE_NAMES.score, 'ReduceMax', [map], { axes: [1, 2], keepdims: 0 });
}

/** As `topMean` with the share that `fusion.ts` takes. @param map [b, 1, h, w] */
function topMeanGraph(graph: GraphBuilder, map: Value): Value {
  const flat = graph.node('top/flat', 'Flatten', [map], { axis: 1 });
  const shape = graph.node('top/shape', 'Shape', [flat]);
  const pixels = graph.node(
    'top/pixels',
    'Cast',
    [graph.node('top/length', 'Gather', [shape, graph.integers('top/axis', [1])], { axis: 0 })],
    { to: 1 },
  );
  const share = graph.constant('top/share', [], Float32Array.of(SCORED_SHARE));
  const one = graph.constant('top/one', [], Float32Array.of(1));
  const half = graph.constant('top/half', [], Float32Array.of(0.5));
  // floor(x + 1/2) as Math.round: ONNX's Round takes halves to the even number.
  const rounded = graph.node('top/rounded', 'Floor', [
    graph.node('top/plus_half', 'Add', [graph.node('top/wanted', 'Mul', [pixels, share]), half]),
  ]);
  const count = graph.node('top/count', 'Cast', [graph.node('top/least', 'Max', [rounded, one])], {
    to: 7,
  });
  const values = graph.topValues('top/values', flat, count);
  return graph.node(VALUE_NAMES.score, 'ReduceMean', [values], { axes: [1], keepdims: 0 });
}
