import { gaussianKernel } from '../../anomaly-map/gaussian-blur';
import { LEVEL_STRIDES } from '../../models/resnet18';
import { backboneGraph, centredPixels } from '../../onnx/backbone-graph';
import type { PyramidValues } from '../../onnx/backbone-graph';
import { imagesInput, VALUE_NAMES } from '../../onnx/detector-graph';
import { GraphBuilder } from '../../onnx/graph-builder';
import type { Value } from '../../onnx/graph-builder';
import type { GraphProto } from '../../onnx/messages';
import type { Points } from '../../statistics/points';
import type { NamedArrays } from '../../weights/named-arrays';
import { memoryOf } from './memory';
import { patchChannels, patchStride } from './patch-features';

/** The detector of patchcore.ts, from pixels to map and score. */
export function patchCoreGraph(
  model: NamedArrays,
  {
    levels,
    neighbours,
    smoothing,
  }: { levels: readonly number[]; neighbours: number; smoothing: number },
  teacher: NamedArrays,
): GraphProto {
  const graph = new GraphBuilder();
  const images = imagesInput(graph);
  const pyramid = backboneGraph(graph, 'teacher/', teacher, centredPixels(graph, images));
  const channels = patchChannels(levels);
  const nearest = nearestPatchesGraph(graph, pyramid, memoryOf(model, levels), levels);
  const { memory, patches, entry, distances, batch, one } = nearest;
  const rest = graph.integers('rest', [-1]);
  const perImage = graph.node('by_image/shape', 'Concat', [batch, rest], { axis: 0 });
  const byImage = (name: string, x: Value) => graph.node(name, 'Reshape', [x, perImage]);

  const whole = graph.upsample('upsampled', nearest.grid, patchStride(levels));
  graph.output(
    graph.node(VALUE_NAMES.map, 'Squeeze', [
      blurredGraph(graph, whole, smoothing),
      graph.integers('channel_axis', [1]),
    ]),
    ['batch', 'height', 'width'],
    'distance to the nearest good patch, smoothed: the higher, the more anomalous',
  );
  const worst = graph.node('worst', 'ArgMax', [byImage('by_image', distances)], {
    axis: 1,
    keepdims: 1,
  });
  const worstOf = (name: string, values: Value) =>
    graph.node(name, 'GatherElements', [byImage(`${name}/by_image`, values), worst], { axis: 1 });
  const score = graph.node('worst/distance', 'Squeeze', [
    worstOf('worst/distances', distances),
    one,
  ]);
  const around = Math.min(neighbours, memory.count);
  graph.output(
    around === 1 ? graph.node(VALUE_NAMES.score, 'Identity', [score]) : weighted(),
    ['batch'],
    'the largest distance of a patch, weighted by the entries around the nearest one',
  );
  return graph.finish('patchcore-detector');

  /** Eq. 7. */
  function weighted(): Value {
    const entries = graph.node('worst/entry', 'Squeeze', [worstOf('worst/entries', entry), one]);
    const centre = memory.rows('worst/entry/features', entries);
    const neighbourhood = graph.topIndices(
      'around',
      memory.closeness('around/closeness', centre),
      around,
    );
    const stacked = graph.node('patches/by_image', 'Reshape', [
      patches,
      graph.node(
        'patches/by_image/shape',
        'Concat',
        [batch, rest, graph.integers('patches/channels', [channels])],
        { axis: 0 },
      ),
    ]);
    const indices = graph.node('worst/index', 'Unsqueeze', [worst, graph.integers('two', [2])]);
    const worstPatch = graph.node('worst/features', 'GatherND', [stacked, indices], {
      batch_dims: 1,
    });
    const differences = graph.node('around/differences', 'Sub', [
      worstPatch,
      memory.rows('around/features', neighbourhood),
    ]);
    const all = graph.node('around/distances', 'ReduceL2', [differences], {
      axes: [2],
      keepdims: 0,
    });
    const column = graph.node('worst/distance/column', 'Unsqueeze', [score, one]);
    const farther = graph.node('around/exp', 'Exp', [
      graph.node('around/farther', 'Sub', [all, column]),
    ]);
    const sum = graph.node('around/sum', 'ReduceSum', [farther, one], { keepdims: 0 });
    const unit = graph.constant('unit', [], Float32Array.of(1));
    const weight = graph.node('weight', 'Sub', [
      unit,
      graph.node('around/share', 'Div', [unit, sum]),
    ]);
    return graph.node(VALUE_NAMES.score, 'Mul', [score, weight]);
  }
}

/**
 * How far each patch is from the nearest entry of a memory.
 *
 * @param pyramid the teacher's features
 * @returns by rows, one for each patch of the batch, and as a `grid`, [b, 1, rows, columns]
 */
export function nearestPatchesGraph(
  graph: GraphBuilder,
  pyramid: PyramidValues,
  entries: Points,
  levels: readonly number[],
) {
  const features = patchFeaturesGraph(graph, pyramid, levels);
  const memory = memoryGraph(graph, entries);
  const patches = graph.node('patches', 'Reshape', [
    graph.node('patches/last', 'Transpose', [features], { perm: [0, 2, 3, 1] }),
    graph.integers('patches/shape', [-1, patchChannels(levels)]),
  ]);
  const entry = graph.node('nearest', 'ArgMax', [memory.closeness('closeness', patches)], {
    axis: 1,
    keepdims: 0,
  });
  const distances = memory.distances('distances', patches, entry);

  // Back to images: the batch and its grid are those of the features.
  const shape = graph.node('grid', 'Shape', [features]);
  const [batch, height, width] = [0, 2, 3].map((axis) =>
    graph.node(`grid/${axis}`, 'Gather', [shape, graph.integers(`grid/${axis}/axis`, [axis])], {
      axis: 0,
    }),
  );
  const one = graph.integers('one', [1]);
  const grid = graph.node('distance_map', 'Reshape', [
    distances,
    graph.node('distance_map/shape', 'Concat', [batch, one, height, width], { axis: 0 }),
  ]);
  return { memory, patches, entry, distances, grid, batch, one };
}

/** As in patch-features.ts, [b, channels, rows, columns]. */
function patchFeaturesGraph(
  graph: GraphBuilder,
  pyramid: PyramidValues,
  levels: readonly number[],
): Value {
  const joined = levels.map((level) => {
    const averaged = graph.node(`average_${level}`, 'AveragePool', [pyramid[level - 1]], {
      kernel_shape: [3, 3],
      pads: [1, 1, 1, 1],
      count_include_pad: 1,
    });
    const factor = LEVEL_STRIDES[level - 1] / patchStride(levels);
    return factor === 1 ? averaged : graph.upsample(`patches_${level}`, averaged, factor);
  });
  return graph.node('patch_features', 'Concat', joined, { axis: 1 });
}

/** The memory, and what is computed with it. */
function memoryGraph(graph: GraphBuilder, { count, dimensions, data }: Points) {
  const entries = graph.constant('memory', [count, dimensions], data);
  const squares = graph.node('memory/squares', 'ReduceSumSquare', [entries], {
    axes: [1],
    keepdims: 0,
  });
  const transposed = graph.node('memory/transposed', 'Transpose', [entries], { perm: [1, 0] });
  const two = graph.constant('memory/two', [], Float32Array.of(2));
  const doubled = graph.node('memory/doubled', 'Mul', [transposed, two]);
  const rows = (name: string, indices: Value) =>
    graph.node(name, 'Gather', [entries, indices], { axis: 0 });
  return {
    count,
    rows,
    /** 2ab - |b|^2 of each row and entry, which is largest for the nearest entry: [rows, entries]. */
    closeness: (name: string, x: Value) =>
      graph.node(name, 'Sub', [graph.node(`${name}/products`, 'MatMul', [x, doubled]), squares]),
    /** From the differences, for |a|^2 - 2ab + |b|^2 has no digits left near 0: [rows]. */
    distances: (name: string, x: Value, indices: Value) =>
      graph.node(
        name,
        'ReduceL2',
        [graph.node(`${name}/differences`, 'Sub', [x, rows(`${name}/entries`, indices)])],
        { axes: [1], keepdims: 0 },
      ),
  };
}

/** A map smoothed by a Gaussian, mirrored at its edges: [b, 1, h, w]. @param sigma in the map's own pixels */
export function blurredGraph(graph: GraphBuilder, map: Value, sigma: number): Value {
  const kernel = gaussianKernel(sigma);
  const radius = (kernel.length - 1) / 2;
  const pads = graph.integers('mirrored/pads', [0, 0, radius, radius, 0, 0, radius, radius]);
  const mirrored = graph.node('mirrored', 'Pad', [map, pads], { mode: 'reflect' });
  const rows = graph.node('blurred_rows', 'Conv', [
    mirrored,
    graph.constant('gaussian_row', [1, 1, 1, kernel.length], kernel),
  ]);
  return graph.node('blurred', 'Conv', [
    rows,
    graph.constant('gaussian_column', [1, 1, kernel.length, 1], kernel),
  ]);
}
