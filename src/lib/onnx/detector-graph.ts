import type { ProductResolution } from '../anomaly-map/anomaly-map';
import { NORM_EPSILON } from '../losses/similarity';
import { autoEncoderPrefix } from '../models/auto-encoder';
import type { DetectorArrays } from '../models/detector';
import { LEVEL_CHANNELS, LEVEL_NAMES, LEVEL_STRIDES } from '../models/resnet18';
import type { PerLevel } from '../models/resnet18';
import { autoEncoderGraph } from './auto-encoder-graph';
import { centredPixels, backboneGraph } from './backbone-graph';
import type { PyramidValues } from './backbone-graph';
import { GraphBuilder } from './graph-builder';
import type { Value } from './graph-builder';
import type { GraphProto } from './messages';

/** What goes into the graph and what comes out, by name. */
export const VALUE_NAMES = {
  images: 'images',
  map: 'anomaly_map',
  levels: LEVEL_NAMES.map((_, i) => `level_${i + 1}`),
  score: 'score',
} as const;

/**
 * The whole detector (paper, Fig. 1), from decoded pixels to maps and scores. Batch size, height and width are those
 * of the images.
 */
export function detectorGraph(
  { teacher, student, autoEncoders }: DetectorArrays,
  productResolution: ProductResolution,
): GraphProto {
  const graph = new GraphBuilder();
  const images = imagesInput(graph);
  const pair = pyramidPairGraph(graph, { teacher, student, autoEncoders }, images);
  const { map, levels, score } = anomalyMapGraph(graph, pair, productResolution);
  const size = ['batch', 'height', 'width'];
  graph.output(map, size, 'the product of the level maps (Eq. 2): the higher, the more anomalous');
  levels.forEach((level, i) => {
    graph.output(level, size, `map of level ${i + 1} (Eq. 1), upsampled`);
  });
  graph.output(score, ['batch'], 'the largest value of the anomaly map');
  return graph.finish('stfpm-detector');
}

/** F_t and R_s of each level. */
export interface PyramidPairValues {
  teacher: PyramidValues;
  student: PyramidValues;
}

/** The networks, as `detectorFeatures` of models/detector.ts. @param images see `imagesInput` */
export function pyramidPairGraph(
  graph: GraphBuilder,
  { teacher, student, autoEncoders }: DetectorArrays,
  images: Value,
): PyramidPairValues {
  const centred = centredPixels(graph, images);
  const teacherFeatures = backboneGraph(graph, 'teacher/', teacher, centred);
  const studentFeatures = backboneGraph(graph, 'student/', student, centred);
  const reconstructed = studentFeatures.map((features, level) =>
    autoEncoders
      ? autoEncoderGraph(
          graph,
          autoEncoders.arrays,
          autoEncoders.config,
          autoEncoderPrefix(level),
          LEVEL_CHANNELS[level],
          features,
        )
      : features,
  ) as PyramidValues;
  return { teacher: teacherFeatures, student: reconstructed };
}

/** What every detector's graph begins with: [batch, height, width, 3]. */
export function imagesInput(graph: GraphBuilder): Value {
  return graph.input(
    VALUE_NAMES.images,
    'uint8',
    ['batch', 'height', 'width', 3],
    'RGB pixels, 0 to 255, rows from the top; already at the size that the detector was trained for',
  );
}

/** Maps at the image size, [b, h, w], and scores, [b]. */
export interface MapValues {
  levels: PerLevel<Value>;
  map: Value;
  score: Value;
}

/** Eq. 1 of each level at its own resolution, [b, 1, h, w]. */
export function levelMapsGraph(
  graph: GraphBuilder,
  { teacher, student }: PyramidPairValues,
): PerLevel<Value> {
  const epsilon = graph.constant('norm_epsilon', [], Float32Array.of(NORM_EPSILON));
  const half = graph.constant('half', [], Float32Array.of(0.5));
  const unit = (name: string, x: Value) => {
    const norm = graph.node(`${name}/norm`, 'ReduceL2', [x], { axes: [1], keepdims: 1 });
    return graph.node(name, 'Div', [x, graph.node(`${name}/safe_norm`, 'Max', [norm, epsilon])]);
  };
  return teacher.map((features, i) => {
    const name = `level_map_${i + 1}`;
    const difference = graph.node(`${name}/difference`, 'Sub', [
      unit(`${name}/teacher`, features),
      unit(`${name}/student`, student[i]),
    ]);
    const squares = graph.node(`${name}/squares`, 'ReduceSumSquare', [difference], {
      axes: [1],
      keepdims: 1,
    });
    return graph.node(name, 'Mul', [squares, half]);
  }) as PerLevel<Value>;
}

/** Eq. 1 and 2 and the image's score, as in anomaly-map/anomaly-map.ts. */
function anomalyMapGraph(
  graph: GraphBuilder,
  pair: PyramidPairValues,
  productResolution: ProductResolution,
): MapValues {
  const maps = levelMapsGraph(graph, pair);
  const channelAxis = graph.integers('channel_axis', [1]);
  const upsample = (name: string, x: Value, factor: number) =>
    factor === 1 ? x : graph.upsample(name, x, factor);
  const product = (name: string, maps: Value[]) =>
    maps.reduce((some, map, i) => {
      const isAll = i === maps.length - 1;
      return graph.node(isAll ? name : `${name}/levels_1_${i + 1}`, 'Mul', [some, map]);
    });
  /** [b, 1, h, w] to [b, h, w]. */
  const withoutChannel = (name: string, x: Value) => graph.node(name, 'Squeeze', [x, channelAxis]);

  const upsampled = maps.map((map, i) => upsample(`upsampled_${i + 1}`, map, LEVEL_STRIDES[i]));
  const atLevel1 = () =>
    maps.map((map, i) => upsample(`at_level_1_${i + 1}`, map, LEVEL_STRIDES[i] / LEVEL_STRIDES[0]));
  const whole =
    productResolution === 'image'
      ? product('product', upsampled)
      : upsample('product', product('product_at_level_1', atLevel1()), LEVEL_STRIDES[0]);
  const map = withoutChannel('anomaly_map', whole);
  return {
    levels: upsampled.map((level, i) =>
      withoutChannel(`level_${i + 1}`, level),
    ) as MapValues['levels'],
    map,
    score: graph.node('score', 'ReduceMax', [map], { axes: [1, 2], keepdims: 0 }),
  };
}
