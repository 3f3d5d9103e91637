import type { ImageStack } from '../../data/image';
import { tf } from '../../engine/index';
import type { Tensor2D } from '../../engine/index';
import { imageBatch } from '../../models/image-batch';
import type { ParameterStore } from '../../models/parameter-store';
import { resnet18 } from '../../models/resnet18';
import { concatPoints } from '../../statistics/points';
import type { Points } from '../../statistics/points';

/** Images that the backbone sees at once. */
const BATCH = 8;

export interface EmbedOptions {
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/**
 * A vector for each image: the mean of each level's features over all positions, one level after the other.
 *
 * @param levels which, counted from 1
 * @returns [images, depths of these levels together]
 */
export function embed(
  teacher: ParameterStore,
  stack: ImageStack,
  indices: readonly number[],
  levels: readonly number[],
): Points {
  const pooled = tf.tidy(() => {
    const pyramid = resnet18(teacher, imageBatch(stack, indices));
    const means = levels.map((level) => tf.mean<Tensor2D>(pyramid[level - 1], [1, 2]));
    return tf.concat(means, 1);
  });
  const [count, dimensions] = pooled.shape;
  const data = pooled.dataSync<'float32'>();
  pooled.dispose();
  return { count, dimensions, data };
}

/** `embed` of all images of a stack, in batches; yields to the event loop between them. @throws the signal's reason */
export async function embedAll(
  teacher: ParameterStore,
  stack: ImageStack,
  levels: readonly number[],
  { signal, onProgress }: EmbedOptions = {},
): Promise<Points> {
  const parts: Points[] = [];
  for (let start = 0; start < stack.count; start += BATCH) {
    signal?.throwIfAborted();
    const end = Math.min(start + BATCH, stack.count);
    const indices = Array.from({ length: end - start }, (_, i) => start + i);
    parts.push(embed(teacher, stack, indices, levels));
    onProgress?.(end, stack.count);
    await new Promise(setImmediate);
  }
  return concatPoints(parts);
}
