import type { ProductResolution } from '../anomaly-map/anomaly-map';
import { autoEncoderPrefix } from '../models/auto-encoder-shapes';
import type { DetectorArrays } from '../models/detector-arrays';
import { LEVEL_CHANNELS } from '../models/pyramid-levels';
import { anomalyMapGraph } from './anomaly-map-graph';
import { autoEncoderGraph } from './auto-encoder-graph';
import { GraphBuilder } from './graph-builder';
import { centredPixels } from './image-input';
import type { GraphProto } from './messages';
import { trunkGraph } from './trunk-graph';
import type { PyramidValues } from './trunk-graph';

/** What goes into the graph and what comes out, by name. */
export const VALUE_NAMES = {
  images: 'images',
  map: 'anomaly_map',
  levels: ['level_1', 'level_2', 'level_3'],
  score: 'score',
} as const;

/**
 * The whole detector (paper, Fig. 1), from decoded pixels to maps and scores. Batch size, height and width are told
 * by the images.
 */
export function detectorGraph(
  { teacher, student, autoEncoders }: DetectorArrays,
  productResolution: ProductResolution,
): GraphProto {
  const graph = new GraphBuilder();
  const images = graph.input(
    VALUE_NAMES.images,
    'uint8',
    ['batch', 'height', 'width', 3],
    'RGB pixels, 0 to 255, rows from the top; already at the size that the detector was trained for',
  );
  const centred = centredPixels(graph, images);
  const teacherFeatures = trunkGraph(graph, 'teacher/', teacher, centred);
  const studentFeatures = trunkGraph(graph, 'student/', student, centred);
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
  const { map, levels, score } = anomalyMapGraph(
    graph,
    teacherFeatures,
    reconstructed,
    productResolution,
  );
  const size = ['batch', 'height', 'width'];
  graph.output(map, size, 'the product of the level maps (Eq. 2): the higher, the more anomalous');
  levels.forEach((level, i) => {
    graph.output(level, size, `map of level ${i + 1} (Eq. 1), upsampled`);
  });
  graph.output(score, ['batch'], 'the largest value of the anomaly map');
  return graph.finish('stfpm-detector');
}
