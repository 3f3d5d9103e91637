import { gaussianBlur } from '../../anomaly-map/gaussian-blur';
import { levelMap } from '../../anomaly-map/anomaly-map';
import { channelOf } from '../../anomaly-map/quantile-mean';
import type { MapStack } from '../../anomaly-map/quantile-mean';
import type { ImageSize } from '../../metrics/scores';
import type { ImageStack } from '../../data/image';
import { resizeBilinear, tf } from '../../engine/index';
import type { Tensor3D, Tensor4D } from '../../engine/index';
import { detectorFeatures } from '../../models/detector';
import { imageBatch } from '../../models/image-batch';
import type { ParameterStore } from '../../models/parameter-store';
import { LEVEL_NAMES, LEVEL_STRIDES } from '../../models/resnet18';
import { NearestNeighbours } from '../../statistics/nearest';
import type { NamedArrays } from '../../weights/named-arrays';
import type { FitContext } from '../method';
import { memoryOf } from '../patchcore/memory';
import { joinedLevels, patchChannels } from '../patchcore/patch-features';
import { studentNetworks } from '../student-teacher';
import { studentShape } from './student-and-memory';
import type { StudentAndMemoryConfig } from './student-and-memory';

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
  config: Pick<StudentAndMemoryConfig, 'memory' | 'memoryLevels' | 'smoothing' | 'autoEncoder'>,
  teacher: ParameterStore,
): MapSource {
  const networks = { teacher, ...studentNetworks(model, studentShape(config)) };
  const nearest = config.memory
    ? new NearestNeighbours(memoryOf(model, config.memoryLevels))
    : null;
  const levels = LEVEL_NAMES.length;
  const channels = nearest ? levels + 1 : levels;
  return {
    channels,
    maps: (stack, indices) => {
      const size = level1Size(stack);
      const pixels = size.height * size.width;
      const { levelMaps, patches } = tf.tidy(() => {
        const pair = detectorFeatures(networks, imageBatch(stack, indices));
        const maps = pair.teacher.map((features, level) =>
          atLevel1(levelMap(features, pair.student[level]), size),
        );
        return {
          levelMaps: tf.stack(maps, 1),
          ...(nearest && {
            patches: joinedLevels(config.memoryLevels.map((level) => pair.teacher[level - 1])),
          }),
        };
      });
      const count = indices.length;
      const data = new Float32Array(count * channels * pixels);
      const result: MapStack = { count, channels, ...size, data };
      const ofLevels = levelMaps.dataSync<'float32'>();
      for (let image = 0; image < count; image++) {
        const start = image * levels * pixels;
        data.set(ofLevels.subarray(start, start + levels * pixels), image * channels * pixels);
      }
      levelMaps.dispose();
      if (nearest && patches) {
        const distances = distancesAtLevel1(nearest, patches, config.memoryLevels, size);
        patches.dispose();
        for (let image = 0; image < count; image++) {
          const map = distances.subarray(image * pixels, (image + 1) * pixels);
          const blurred = gaussianBlur(map, size, config.smoothing / LEVEL_STRIDES[0]);
          channelOf(result, image, levels).set(blurred);
        }
      }
      return result;
    },
    dispose: () => {
      networks.student.dispose();
      networks.autoEncoders?.store.dispose();
      nearest?.dispose();
    },
  };
}

function level1Size({ height, width }: ImageSize): ImageSize {
  return { height: height / LEVEL_STRIDES[0], width: width / LEVEL_STRIDES[0] };
}

/** [b, h, w] of any level */
function atLevel1(map: Tensor3D, size: ImageSize): Tensor3D {
  return tf.squeeze(resizeBilinear(tf.expandDims<Tensor4D>(map, -1), size), [-1]);
}

/** How far each patch's features are from the nearest entry of the memory. @param patches [b, h, w, channels] */
function distancesAtLevel1(
  nearest: NearestNeighbours,
  patches: Tensor4D,
  levels: readonly number[],
  size: ImageSize,
): Float32Array {
  const [images, height, width] = patches.shape;
  const count = images * height * width;
  const points = { count, dimensions: patchChannels(levels), data: patches.dataSync<'float32'>() };
  const distances = Float32Array.from(nearest.find(points, 1).distances);
  const whole = tf.tidy(() => atLevel1(tf.tensor3d(distances, [images, height, width]), size));
  const values = whole.dataSync<'float32'>();
  whole.dispose();
  return values;
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
