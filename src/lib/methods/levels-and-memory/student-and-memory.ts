import { z } from 'zod';
import { gaussianBlur } from '../../anomaly-map/gaussian-blur';
import { levelMap } from '../../anomaly-map/anomaly-map';
import { channelOf } from '../../anomaly-map/quantile-mean';
import type { MapStack } from '../../anomaly-map/quantile-mean';
import type { ImageStack } from '../../data/image';
import { resizeBilinear, tf } from '../../engine/index';
import type { Tensor4D } from '../../engine/index';
import { detectorFeatures } from '../../models/detector';
import { imageBatch } from '../../models/image-batch';
import { ParameterStore } from '../../models/parameter-store';
import { LEVEL_NAMES, LEVEL_STRIDES, resnet18Shapes } from '../../models/resnet18';
import { NearestNeighbours } from '../../statistics/nearest';
import { baselineConfigSchema } from '../../training/config';
import type { NamedArrays } from '../../weights/named-arrays';
import { sharedSettings } from '../method';
import type { FitContext, Fitted, NormalImages, Stopped } from '../method';
import { memoryOf } from '../patchcore/memory';
import { joinedLevels, patchChannels } from '../patchcore/patch-features';
import { PATCHCORE, patchCoreConfigSchema } from '../patchcore/patchcore';
import { STFPM } from '../student-teacher';

const { batchSize, divergenceFactor, learningRate, momentum, weightDecay } =
  baselineConfigSchema.shape;
const { levels: memoryLevels, coresetShare, maxEntries, smoothing } = patchCoreConfigSchema.shape;

/** Settings of the methods that join the maps of STFPM's levels and of PatchCore's memory. */
export const studentAndMemorySettings = {
  ...sharedSettings,
  /** Whether the memory is asked too. Without it, the maps of the levels are all there is. */
  memory: z.boolean().default(true),
  /** The student's, as of STFPM, with the epoch chosen on the held-out images (protocol B). */
  epochs: z.number().int().min(1).default(40),
  batchSize,
  divergenceFactor,
  learningRate,
  momentum,
  weightDecay,
  /** The memory's, as of PatchCore, which calls the first `levels`. */
  memoryLevels,
  coresetShare,
  maxEntries,
  smoothing,
};

export type StudentAndMemoryConfig = z.output<z.ZodObject<typeof studentAndMemorySettings>> & {
  recipe: string;
};

/**
 * Trains STFPM's student and chooses PatchCore's memory, on the same images and the same backbone.
 *
 * @throws RangeError without held-out images, from which the maps' scales come; as STFPM's and PatchCore's `fit`
 */
export async function fitStudentAndMemory(
  images: NormalImages,
  config: StudentAndMemoryConfig,
  context: FitContext,
): Promise<Fitted | Stopped> {
  if (images.heldOut.count === 0) {
    throw new RangeError(
      'Expected held-out images, from which the scales of the maps come, found none: at least two train images and ' +
        'a validationShare above 0 are needed.',
    );
  }
  const { category, imageSize, resizeFilter, augmentedImages, seed, validationShare } = config;
  const shared = { category, imageSize, resizeFilter, augmentedImages, seed, validationShare };
  const { epochs, batchSize, divergenceFactor, learningRate, momentum, weightDecay } = config;
  const student = await STFPM.fit(
    images,
    {
      recipe: 'baseline',
      protocol: 'B',
      ...shared,
      ...{ epochs, batchSize, divergenceFactor, learningRate, momentum, weightDecay },
    },
    context,
  );
  if (student.status === 'interrupted') return student;
  // The file may be that of a run that was finished before: then it holds more than the student.
  const names = resnet18Shapes();
  const model: NamedArrays = new Map([...student.model].filter(([name]) => names.has(name)));
  if (config.memory) {
    const { memoryLevels, coresetShare, maxEntries, smoothing } = config;
    const memory = await PATCHCORE.fit(
      images,
      patchCoreConfigSchema.parse({
        ...shared,
        levels: memoryLevels,
        coresetShare,
        maxEntries,
        smoothing,
      }),
      context,
    );
    if (memory.status === 'interrupted') return memory;
    for (const [name, array] of memory.model) model.set(name, array);
  }
  return { ...student, model };
}

/** Computes the maps of a fitted student and memory. */
export interface MapSource {
  /** Maps of an image: of levels 1 to 3, and of the memory if there is one. */
  readonly channels: number;
  /** At the resolution of level 1. @param indices a batch of the stack's images */
  maps(stack: ImageStack, indices: readonly number[]): MapStack;
  dispose(): void;
}

/** @param teacher stays the caller's */
export function openMapSource(
  model: NamedArrays,
  config: Pick<StudentAndMemoryConfig, 'memory' | 'memoryLevels' | 'smoothing'>,
  teacher: ParameterStore,
): MapSource {
  const names = resnet18Shapes();
  const student = ParameterStore.fromArrays(
    new Map([...model].filter(([name]) => names.has(name))),
  );
  const nearest = config.memory
    ? new NearestNeighbours(memoryOf(model, config.memoryLevels))
    : null;
  const [stride] = LEVEL_STRIDES;
  const levels = LEVEL_NAMES.length;
  const channels = nearest ? levels + 1 : levels;
  return {
    channels,
    maps: (stack, indices) => {
      const size = { height: stack.height / stride, width: stack.width / stride };
      const pixels = size.height * size.width;
      const count = indices.length;
      const [levelMaps, patches] = tf.tidy(() => {
        const pair = detectorFeatures({ teacher, student }, imageBatch(stack, indices));
        const maps = pair.teacher.map((features, level) =>
          resizeBilinear(
            tf.expandDims<Tensor4D>(levelMap(features, pair.student[level]), -1),
            size,
          ),
        );
        const atLevel1 = tf.transpose(tf.concat(maps, -1), [0, 3, 1, 2]);
        return nearest
          ? [atLevel1, joinedLevels(config.memoryLevels.map((level) => pair.teacher[level - 1]))]
          : [atLevel1];
      });
      const result: MapStack = {
        count,
        channels,
        ...size,
        data: new Float32Array(count * channels * pixels),
      };
      const values = levelMaps.dataSync<'float32'>();
      for (let image = 0; image < count; image++) {
        const ofImage = values.subarray(image * levels * pixels, (image + 1) * levels * pixels);
        result.data.set(ofImage, image * channels * pixels);
      }
      levelMaps.dispose();
      if (nearest && patches) {
        const [, height, width] = patches.shape;
        const found = nearest.find(
          {
            count: count * height * width,
            dimensions: patchChannels(config.memoryLevels),
            data: patches.dataSync<'float32'>(),
          },
          1,
        );
        patches.dispose();
        const whole = tf.tidy(() =>
          resizeBilinear(
            tf.tensor4d(Float32Array.from(found.distances), [count, height, width, 1]),
            size,
          ),
        );
        const distances = whole.dataSync<'float32'>();
        whole.dispose();
        for (let image = 0; image < count; image++) {
          const map = distances.subarray(image * pixels, (image + 1) * pixels);
          channelOf(result, image, levels).set(gaussianBlur(map, size, config.smoothing / stride));
        }
      }
      return result;
    },
    dispose: () => {
      student.dispose();
      nearest?.dispose();
    },
  };
}

/** Images whose maps are computed together. */
const BATCH = 8;

/** The maps of all images of a stack. Yields to the event loop between batches. @throws the signal's reason */
export async function mapsOfAll(
  source: MapSource,
  stack: ImageStack,
  {
    signal,
    onProgress,
  }: Pick<FitContext, 'signal'> & {
    onProgress?: (done: number, total: number) => void;
  } = {},
): Promise<MapStack> {
  let all: MapStack | undefined;
  for (let start = 0; start < stack.count; start += BATCH) {
    signal?.throwIfAborted();
    const end = Math.min(start + BATCH, stack.count);
    const batch = source.maps(
      stack,
      Array.from({ length: end - start }, (_, i) => start + i),
    );
    const perImage = batch.data.length / batch.count;
    all ??= { ...batch, count: stack.count, data: new Float32Array(stack.count * perImage) };
    all.data.set(batch.data, start * perImage);
    onProgress?.(end, stack.count);
    await new Promise(setImmediate);
  }
  if (all) return all;
  throw new RangeError('Expected images to compute maps of, found none.');
}

/** Maps at the resolution of level 1, [count, height, width], at the image size: bilinearly, with half-pixel centres. */
export function upsampledMaps(
  maps: Float32Array,
  count: number,
  { height, width }: { height: number; width: number },
): Float32Array[] {
  const [stride] = LEVEL_STRIDES;
  const pixels = height * width;
  const whole = tf.tidy(() =>
    resizeBilinear(tf.tensor4d(maps, [count, height / stride, width / stride, 1]), {
      height,
      width,
    }),
  );
  const values = whole.dataSync<'float32'>();
  whole.dispose();
  return Array.from({ length: count }, (_, i) => values.slice(i * pixels, (i + 1) * pixels));
}
