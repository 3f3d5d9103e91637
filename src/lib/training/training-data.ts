import * as os from 'os';
import { packHalves, tf, unpackHalves } from '../engine/index';
import type { Tensor4D } from '../engine/index';
import { l2Normalise } from '../losses/similarity';
import type { ImageStack } from '../data/image';
import { imageBatch } from '../models/image-batch';
import type { ParameterStore } from '../models/parameter-store';
import { resnet18 } from '../models/resnet18';
import type { FeaturePyramid, Precision } from '../models/resnet18';
import { FileFeatures, levelShapes, MemoryFeatures, pyramidBytes } from './features';
import type { FeatureStore } from './features';
import { levelWeights } from './level-weights';
import type { Batch } from './recipe';

const TEACHER_BATCH = 8;

/** 2 GiB: some 1150 images of 256 x 256. */
export const DEFAULT_FEATURE_MEMORY = 2 * 2 ** 30;

/** 'normalised': phi(F_t), vectors of length 1, which students learn. 'raw': F_t, which auto-encoders are pre-trained on. */
export type TeacherFeatures = 'normalised' | 'raw';

export interface TrainingDataOptions {
  /** Default 'normalised'. */
  features?: TeacherFeatures;
  /** What they are kept as: bfloat16 takes half the memory, or disk. Default float32. */
  precision?: Precision;
  /** Bytes of memory that the features may take; if they need more, they are kept on disk. Default 2 GiB. */
  memoryBytes?: number;
  /** Where they are kept then. Default: the system's folder for temporary files. */
  folder?: string;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/**
 * Images with the teacher's features of them. Neither ever changes, so the features are computed once per run: 1.8 MB for an
 * image of 256 x 256, or half of it. They stay in memory while they fit a budget and are read from disk batch by batch otherwise, with
 * the same values to the bit. The images themselves stay in memory, 0.2 MB each.
 */
export class TrainingData {
  private constructor(
    private readonly stack: ImageStack,
    private readonly features: FeatureStore,
    private readonly isPacked: boolean,
  ) {}

  /** @throws Error when features that are to lie on disk find no room there; the signal's reason */
  static async prepare(
    stack: ImageStack,
    teacher: ParameterStore,
    options: TrainingDataOptions = {},
  ): Promise<TrainingData> {
    const isPacked = options.precision === 'bfloat16';
    const features = openStore(stack, isPacked, options);
    try {
      for (let start = 0; start < stack.count; start += TEACHER_BATCH) {
        options.signal?.throwIfAborted();
        const end = Math.min(start + TEACHER_BATCH, stack.count);
        const indices = Array.from({ length: end - start }, (_, i) => start + i);
        const part = tf.tidy(() => {
          const pyramid = resnet18(teacher, imageBatch(stack, indices));
          const kept = options.features === 'raw' ? pyramid : pyramid.map(l2Normalise);
          return isPacked ? kept.map(packHalves) : kept;
        }) as FeaturePyramid;
        try {
          features.add(part);
        } finally {
          tf.dispose(part);
        }
        options.onProgress?.(end, stack.count);
        await new Promise(setImmediate);
      }
      return new TrainingData(stack, features, isPacked);
    } catch (error) {
      features.dispose();
      throw error;
    }
  }

  get count(): number {
    return this.stack.count;
  }

  /** What the features take of the budget. */
  get memoryBytes(): number {
    return this.features.memoryBytes;
  }

  /** The images at these indices, in this order; they are made when asked for, since pre-training never does. */
  batch(indices: readonly number[]): Batch & { dispose(): void } {
    const { stack } = this;
    const teacher = this.gather(indices);
    const weights = levelWeights(stack, indices);
    let images: Tensor4D | undefined;
    return {
      get images() {
        return (images ??= tf.keep(imageBatch(stack, indices)));
      },
      teacher,
      ...(weights && { weights }),
      dispose: () => tf.dispose([...(images ? [images] : []), ...teacher, ...(weights ?? [])]),
    };
  }

  private gather(indices: readonly number[]): FeaturePyramid {
    const kept = this.features.gather(indices);
    if (!this.isPacked) return kept;
    const pyramid = kept.map(unpackHalves) as FeaturePyramid;
    tf.dispose(kept);
    return pyramid;
  }

  dispose(): void {
    this.features.dispose();
  }
}

function openStore(
  stack: ImageStack,
  isPacked: boolean,
  { memoryBytes = DEFAULT_FEATURE_MEMORY, folder = os.tmpdir() }: TrainingDataOptions,
): FeatureStore {
  const shapes = levelShapes(stack, isPacked ? 2 : 1);
  const bytes = stack.count * pyramidBytes(shapes);
  if (bytes <= memoryBytes) return new MemoryFeatures(bytes);
  return new FileFeatures(shapes, folder, stack.count);
}
