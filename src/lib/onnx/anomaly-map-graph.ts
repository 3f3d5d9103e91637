import type { ProductResolution } from '../anomaly-map/anomaly-map';
import { NORM_EPSILON } from '../losses/norm-epsilon';
import { LEVEL_STRIDES } from '../models/pyramid-levels';
import type { GraphBuilder, Value } from './graph-builder';
import type { PyramidValues } from './trunk-graph';

/** Maps at the image size, [b, h, w], and scores, [b]. */
export interface MapValues {
  levels: [Value, Value, Value];
  map: Value;
  score: Value;
}

/** Eq. 1 and 2 and the image's score, as in anomaly-map/level-map.ts and anomaly-map.ts. */
export function anomalyMapGraph(
  graph: GraphBuilder,
  teacher: PyramidValues,
  student: PyramidValues,
  productResolution: ProductResolution,
): MapValues {
  const epsilon = graph.constant('norm_epsilon', [], Float32Array.of(NORM_EPSILON));
  const half = graph.constant('half', [], Float32Array.of(0.5));
  const channelAxis = graph.integers('channel_axis', [1]);
  const unit = (name: string, x: Value) => {
    const norm = graph.node(`${name}/norm`, 'ReduceL2', [x], { axes: [1], keepdims: 1 });
    return graph.node(name, 'Div', [x, graph.node(`${name}/safe_norm`, 'Max', [norm, epsilon])]);
  };
  const upsample = (name: string, x: Value, factor: number) => {
    if (factor === 1) return x;
    const scales = graph.floats(`${name}/scales`, [1, 1, factor, factor]);
    return graph.node(name, 'Resize', [x, '', scales], {
      mode: 'linear',
      coordinate_transformation_mode: 'half_pixel',
    });
  };
  const product = (name: string, [a, b, c]: Value[]) =>
    graph.node(name, 'Mul', [graph.node(`${name}/levels_1_2`, 'Mul', [a, b]), c]);
  /** [b, 1, h, w] to [b, h, w]. */
  const withoutChannel = (name: string, x: Value) => graph.node(name, 'Squeeze', [x, channelAxis]);

  const maps = teacher.map((features, i) => {
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
  });
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
