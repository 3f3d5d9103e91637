import { levelMap } from '../../anomaly-map/anomaly-map';
import type { MapStack } from '../../anomaly-map/quantile-mean';
import type { ImageStack } from '../../data/image';
import { resizeBilinear, tf } from '../../engine/index';
import { detectorFeatures } from '../../models/detector';
import type { DetectorNetworks } from '../../models/detector';
import { imageBatch } from '../../models/image-batch';
import { LEVEL_STRIDES } from '../../models/resnet18';

const BATCH = 8;

/**
 * Eq. 1 of each level, all at the first level's resolution: what is fused in place of the product.
 *
 * @param indices which images; default all. Yields to the event loop between batches of 8.
 * @throws the signal's reason
 */
export async function coarseLevelMaps(
  networks: DetectorNetworks,
  stack: ImageStack,
  indices: readonly number[] = Array.from({ length: stack.count }, (_, i) => i),
  signal?: AbortSignal,
): Promise<MapStack> {
  const [stride] = LEVEL_STRIDES;
  const size = { height: stack.height / stride, width: stack.width / stride };
  const channels = LEVEL_STRIDES.length;
  const length = channels * size.height * size.width;
  const data = new Float32Array(indices.length * length);
  for (let start = 0; start < indices.length; start += BATCH) {
    signal?.throwIfAborted();
    const maps = tf.tidy(() => {
      const { teacher, student } = detectorFeatures(
        networks,
        imageBatch(stack, indices.slice(start, start + BATCH)),
      );
      const levels = teacher.map((features, level) => {
        const map = tf.expandDims(levelMap(features, student[level]), -1);
        return tf.transpose(resizeBilinear(map as never, size), [0, 3, 1, 2]);
      });
      return tf.concat(levels, 1);
    });
    data.set(maps.dataSync<'float32'>(), start * length);
    maps.dispose();
    await new Promise(setImmediate);
  }
  return { count: indices.length, channels, ...size, data };
}
