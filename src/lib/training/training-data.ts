import { tf } from '../engine/index';
import type { Tensor4D } from '../engine/index';
import { l2Normalise } from '../losses/l2-normalise';
import type { ImageStack } from '../data/load-images';
import { imageBatch } from '../models/image-batch';
import type { ParameterStore } from '../models/parameter-store';
import { resnet18 } from '../models/resnet18';
import type { FeaturePyramid } from '../models/resnet18';
import type { Batch } from './recipe';

const TEACHER_BATCH = 8;

/** 'unit': phi(F_t), vectors of length 1, which students learn. 'raw': F_t, which auto-encoders are pre-trained on. */
export type TeacherFeatures = 'unit' | 'raw';

/**
 * Images with the teacher's features of them. Neither ever changes, so the features are computed once a run: 1.8 MB an
 * image of 256 x 256.
 */
export class TrainingData {
  private constructor(
    private readonly stack: ImageStack,
    private readonly features: FeaturePyramid,
  ) {}

  static async prepare(
    stack: ImageStack,
    teacher: ParameterStore,
    options: {
      /** Default 'unit'. */
      features?: TeacherFeatures;
      signal?: AbortSignal;
      onProgress?: (done: number, total: number) => void;
    } = {},
  ): Promise<TrainingData> {
    const parts: FeaturePyramid[] = [];
    try {
      for (let start = 0; start < stack.count; start += TEACHER_BATCH) {
        options.signal?.throwIfAborted();
        const end = Math.min(start + TEACHER_BATCH, stack.count);
        const indices = Array.from({ length: end - start }, (_, i) => start + i);
        parts.push(
          tf.tidy(() => {
            const pyramid = resnet18(teacher, imageBatch(stack, indices));
            return options.features === 'raw' ? pyramid : pyramid.map(l2Normalise);
          }) as FeaturePyramid,
        );
        options.onProgress?.(end, stack.count);
        await new Promise(setImmediate);
      }
      const levels = [0, 1, 2].map((level) => tf.concat(parts.map((part) => part[level])));
      return new TrainingData(stack, levels as FeaturePyramid);
    } finally {
      tf.dispose(parts);
    }
  }

  get count(): number {
    return this.stack.count;
  }

  /** The images at these indices, in this order. */
  batch(indices: readonly number[]): Batch & { dispose(): void } {
    const batch = tf.tidy(() => {
      const images = imageBatch(this.stack, indices);
      const order = tf.tensor1d(indices as number[], 'int32');
      const teacher = this.features.map((level) => tf.gather(level, order)) as FeaturePyramid;
      return { images, teacher } as { images: Tensor4D; teacher: FeaturePyramid };
    }) as Batch;
    return { ...batch, dispose: () => tf.dispose([batch.images, ...batch.teacher]) };
  }

  dispose(): void {
    tf.dispose(this.features);
  }
}
