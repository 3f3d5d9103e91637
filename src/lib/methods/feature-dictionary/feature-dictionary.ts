import { z } from 'zod';
import { imageScore } from '../../anomaly-map/map-values';
import type { Judge } from '../../anomaly-map/detect';
import type { Detection } from '../../anomaly-map/detection';
import type { ImageStack } from '../../data/image';
import type { ParameterStore } from '../../models/parameter-store';
import { SIZE_MULTIPLE } from '../../models/resnet18';
import { Random } from '../../random/random';
import { kMeans } from '../../statistics/k-means';
import { NearestNeighbours } from '../../statistics/nearest';
import { principalComponents, project, projectionArrays, projectionOf } from '../../statistics/pca';
import { concatPoints, pointsNamed, selectPoints, toNamedArray } from '../../statistics/points';
import type { Points } from '../../statistics/points';
import type { NamedArrays } from '../../weights/named-arrays';
import { fittedAtOnce, sharedSettings } from '../method';
import type { AnomalyMethod, FitContext, Fitted, NormalImages } from '../method';
import { meanOverPatches, patchGrid } from './patch-grid';
import { cellSize, patchFeatures } from './patch-features';
import type { Corner, PatchSettings } from './patch-features';

const schema = z
  .object({
    recipe: z.literal('feature-dictionary').default('feature-dictionary'),
    ...sharedSettings,
    /** Side of the square patches, in pixels. */
    patchSize: z.number().int().min(2).default(16),
    /** Pixels from one judged patch to the next. Published for MVTec AD: 4. */
    stride: z.number().int().min(1).default(8),
    /** Side to which patches are enlarged for the backbone. Published: 224, at some 80 s an image on two cores. */
    networkSize: z.number().int().min(SIZE_MULTIPLE).multipleOf(SIZE_MULTIPLE).default(64),
    /** 'patch', the published one: the backbone sees each patch alone. 'image': all at once, see `PatchSettings`. */
    view: z.enum(['patch', 'image']).default('patch'),
    /** Patches that the dictionary is learned from, drawn at random from all train images. */
    trainPatches: z.number().int().min(2).default(20_000),
    /** The share of the features' variance that their principal components keep. */
    pcaVariance: z.number().gt(0).lt(1).default(0.95),
    /** Entries of the dictionary, k of k-means. */
    entries: z.number().int().min(1).default(10),
    /** What the entries are: the patch nearest to each cluster's centre, as published, or the centre itself. */
    dictionary: z.enum(['patches', 'centres']).default('patches'),
    /** Beginnings of k-means, of which the best counts. */
    restarts: z.number().int().min(1).default(10),
    /** m: a patch's score is the mean distance to so many of the nearest entries. */
    neighbours: z.number().int().min(1).default(1),
  })
  .strict();

export type FeatureDictionaryConfig = z.infer<typeof schema>;

/** A dictionary of normal patches' features; what is far from all its entries is an anomaly. */
export const FEATURE_DICTIONARY: AnomalyMethod<FeatureDictionaryConfig> = {
  name: 'feature-dictionary',
  title: 'CNN feature dictionary',
  paper:
    'P. Napoletano, F. Piccoli, R. Schettini: Anomaly Detection in Nanofibrous Materials by CNN-Based Self-Similarity, ' +
    'Sensors 18(1), 2018',
  usesTeacher: true,
  hasMaps: true,
  canPad: false,
  schema,
  fit,
  open,
  graph: 'it runs the backbone once for each patch, which the graph of a detector does not',
};

async function fit(
  { train }: NormalImages,
  config: FeatureDictionaryConfig,
  { teacher, signal, onProgress }: FitContext,
): Promise<Fitted> {
  const random = Random.fromSeed(config.seed).fork('feature-dictionary');
  const parts: Points[] = [];
  for (let index = 0; index < train.count; index++) {
    const count = shareOf(config.trainPatches, index, train.count);
    const corners = randomCorners(train, config, count, random.fork(`image ${index}`));
    if (count > 0) parts.push(await patchFeatures(teacher, train, index, corners, config, signal));
    onProgress?.('teacher', index + 1, train.count);
  }
  return fittedAtOnce(await learnDictionary(concatPoints(parts), config, random));
}

/** What is left for the item at `index` when `total` is dealt out evenly to `count`. */
function shareOf(total: number, index: number, count: number): number {
  return Math.floor((total * (index + 1)) / count) - Math.floor((total * index) / count);
}

function randomCorners(
  { height, width }: ImageStack,
  settings: PatchSettings,
  count: number,
  random: Random,
): Corner[] {
  const { patchSize, view } = settings;
  const step = view === 'image' ? cellSize(settings) : 1;
  const start = (length: number) => step * random.int(Math.floor((length - patchSize) / step) + 1);
  return Array.from({ length: count }, () => ({ x: start(width), y: start(height) }));
}

/**
 * PCA and k-means of patches' features.
 *
 * @param features [patches, depth], L1-normalised
 * @returns `pca.mean`, `pca.components`, and `dictionary` [entries, components]
 * @throws RangeError for fewer patches than entries
 */
export async function learnDictionary(
  features: Points,
  { pcaVariance, entries, dictionary, restarts }: FeatureDictionaryConfig,
  random: Random,
): Promise<NamedArrays> {
  const pca = principalComponents(features, pcaVariance);
  const reduced = project(features, pca);
  const { centres } = await kMeans(reduced, entries, random.fork('k-means'), restarts);
  const chosen = dictionary === 'centres' ? centres : nearestTo(centres, reduced);
  return new Map([...projectionArrays(pca), ['dictionary', toNamedArray(chosen)]]);
}

/** The point that is nearest to each centre. */
function nearestTo(centres: Points, points: Points): Points {
  const search = new NearestNeighbours(points);
  const { indices } = search.find(centres, 1);
  search.dispose();
  return selectPoints(points, indices);
}

function open(model: NamedArrays, config: FeatureDictionaryConfig, teacher: ParameterStore): Judge {
  const projection = projectionOf(model);
  const dictionary = pointsNamed(model, 'dictionary');
  const search = new NearestNeighbours(dictionary);
  const neighbours = Math.min(config.neighbours, dictionary.count);
  const judgeOne = async (stack: ImageStack, index: number): Promise<Detection> => {
    const grid = patchGrid(stack, config.patchSize, config.stride);
    const features = await patchFeatures(teacher, stack, index, grid.corners, config);
    const { distances } = search.find(project(features, projection), neighbours);
    const scores = grid.corners.map((_, patch) => {
      const row = distances.subarray(patch * neighbours, (patch + 1) * neighbours);
      return row.reduce((sum, distance) => sum + distance, 0) / neighbours;
    });
    const map = meanOverPatches(scores, grid, stack);
    return { score: imageScore(map), map, levelMaps: [] };
  };
  return {
    judge: async (stack, indices) => {
      const detections: Detection[] = [];
      for (const index of indices) detections.push(await judgeOne(stack, index));
      return detections;
    },
    dispose: () => search.dispose(),
  };
}
