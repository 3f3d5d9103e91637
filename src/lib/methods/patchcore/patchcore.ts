import { z } from 'zod';
import { gaussianBlur } from '../../anomaly-map/gaussian-blur';
import type { Judge } from '../../anomaly-map/detect';
import type { Detection } from '../../anomaly-map/detection';
import type { ImageSize } from '../../metrics/scores';
import { resizeBilinear, tf } from '../../engine/index';
import type { ParameterStore } from '../../models/parameter-store';
import { LEVEL_NAMES } from '../../models/resnet18';
import { Random } from '../../random/random';
import { NearestNeighbours } from '../../statistics/nearest';
import { selectPoints, squaredDistance, toNamedArray } from '../../statistics/points';
import type { Points } from '../../statistics/points';
import type { NamedArrays } from '../../weights/named-arrays';
import { fittedAtOnce, sharedSettings } from '../method';
import type { AnomalyMethod, FitContext, Fitted, NormalImages } from '../method';
import { greedyCoreset } from './coreset';
import { MEMORY, memoryOf } from './memory';
import { patchCoreGraph } from './patchcore-graph';
import { patchChannels, patchFeaturesOf, patchGrid } from './patch-features';

export const patchCoreConfigSchema = z
  .object({
    recipe: z.literal('patchcore').default('patchcore'),
    ...sharedSettings,
    /**
     * Levels whose features describe a patch, counted from 1. The paper's: 2 and 3. Level 2 alone is better where
     * defects are small and textures matter.
     */
    levels: z
      .array(z.number().int().min(1).max(LEVEL_NAMES.length))
      .min(1)
      .refine(
        (levels) => levels.every((level, i) => i === 0 || level > levels[i - 1]),
        'expected different levels, the finest first',
      )
      .default([2, 3]),
    /** The share of all patches that the memory keeps. */
    coresetShare: z.number().gt(0).max(1).default(0.1),
    /** And how many at most: distances to 4,000 entries take as long as the backbone. */
    maxEntries: z.number().int().min(1).default(4000),
    /** b of Eq. 7: entries around the nearest one that an image's score is weighted by. 1: none, the score as it is. */
    neighbours: z.number().int().min(1).default(9),
    /** Standard deviation in pixels of the Gaussian that smooths the map. */
    smoothing: z.number().gt(0).default(4),
  })
  .strict();

export type PatchCoreConfig = z.output<typeof patchCoreConfigSchema>;

/** Nearest patch in a memory of good ones. The backbone is the lab's ResNet-18, where the paper has a WideResNet-50. */
export const PATCHCORE: AnomalyMethod<PatchCoreConfig> = {
  name: 'patchcore',
  title: 'PatchCore',
  paper:
    'K. Roth, L. Pemula, J. Zepeda, B. Schölkopf, T. Brox, P. Gehler: Towards Total Recall in Industrial Anomaly Detection, CVPR 2022',
  usesTeacher: true,
  hasMaps: true,
  canPad: false,
  schema: patchCoreConfigSchema,
  fit,
  open,
  graph: patchCoreGraph,
};

/** Images whose features are computed together. */
const BATCH = 8;

async function fit(
  { train }: NormalImages,
  config: PatchCoreConfig,
  { teacher, signal, onProgress }: FitContext,
): Promise<Fitted> {
  const patches = await patchesOf(train, teacher, config.levels, { signal, onProgress });
  const size = Math.min(
    Math.max(1, Math.round(config.coresetShare * patches.count)),
    config.maxEntries,
  );
  const chosen = await greedyCoreset(patches, size, Random.fromSeed(config.seed).fork('coreset'), {
    signal,
    onProgress: (done, total) => onProgress?.('Choosing the memory', done, total),
  });
  return fittedAtOnce(new Map([[MEMORY, toNamedArray(selectPoints(patches, chosen))]]));
}

/** The features of every patch of the images. */
async function patchesOf(
  images: NormalImages['train'],
  teacher: ParameterStore,
  levels: readonly number[],
  { signal, onProgress }: Pick<FitContext, 'signal' | 'onProgress'>,
): Promise<Points> {
  const { height, width } = patchGrid(images, levels);
  const dimensions = patchChannels(levels);
  const perImage = height * width;
  const count = images.count * perImage;
  const data = new Float32Array(count * dimensions);
  for (let start = 0; start < images.count; start += BATCH) {
    signal?.throwIfAborted();
    const end = Math.min(start + BATCH, images.count);
    const indices = Array.from({ length: end - start }, (_, i) => start + i);
    data.set(patchFeaturesOf(teacher, images, indices, levels), start * perImage * dimensions);
    onProgress?.('teacher', end, images.count);
    await new Promise(setImmediate);
  }
  return { count, dimensions, data };
}

function open(model: NamedArrays, config: PatchCoreConfig, teacher: ParameterStore): Judge {
  const { levels } = config;
  const memory = memoryOf(model, levels);
  const { dimensions } = memory;
  const nearest = new NearestNeighbours(memory);
  return {
    judge: (stack, indices) => {
      const grid = patchGrid(stack, levels);
      const perImage = grid.height * grid.width;
      const features = patchFeaturesOf(teacher, stack, indices, levels);
      return indices.map((_, i): Detection => {
        const length = perImage * dimensions;
        const data = features.subarray(i * length, (i + 1) * length);
        const patches = { count: perImage, dimensions, data };
        const found = nearest.find(patches, 1);
        const map = upsampled(Float32Array.from(found.distances), grid, stack);
        return {
          score: weightedScore(patches, found, nearest, config.neighbours),
          map: gaussianBlur(map, stack, config.smoothing),
          levelMaps: [],
        };
      });
    },
    dispose: () => nearest.dispose(),
  };
}

/**
 * An image's score (Eq. 6 and 7): the largest distance of a patch to its nearest entry m*, less where m* is itself far
 * from the entries around it: times 1 - exp(d(m*)) / sum of exp(d(m)) over the `neighbours` entries nearest to m*, m*
 * among them, where d is the patch's distance.
 */
export function weightedScore(
  patches: Points,
  { distances, indices }: { distances: Float64Array; indices: Uint32Array },
  nearest: NearestNeighbours,
  neighbours: number,
): number {
  const patch = distances.indexOf(Math.max(...distances));
  const memory = nearest.entries;
  const around = Math.min(neighbours, memory.count);
  if (around === 1) return distances[patch];
  const { dimensions, data } = memory;
  const start = indices[patch] * dimensions;
  const entry = { count: 1, dimensions, data: data.subarray(start, start + dimensions) };
  const found = nearest.find(entry, around);
  const farther = Array.from(found.indices, (index) =>
    Math.exp(Math.sqrt(squaredDistance(patches, patch, memory, index)) - distances[patch]),
  );
  return distances[patch] * (1 - 1 / farther.reduce((sum, value) => sum + value, 0));
}

/** Bilinearly, with half-pixel centres. */
function upsampled(map: Float32Array, { height, width }: ImageSize, size: ImageSize): Float32Array {
  const whole = tf.tidy(() => resizeBilinear(tf.tensor4d(map, [1, height, width, 1]), size));
  const values = whole.dataSync<'float32'>();
  whole.dispose();
  return values;
}
