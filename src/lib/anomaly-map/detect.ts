import { tf } from '../engine/index';
import type { Detector } from '../models/detector';
import { detectorFeatures } from '../models/detector';
import type { ImageStack } from '../data/load-images';
import { imageBatch } from '../models/image-batch';
import { anomalyMaps } from './anomaly-map';
import type { DetectOptions, Detection } from './detection';
import { imageScore } from './image-score';

export type { Detection, DetectImages, DetectOptions } from './detection';

/**
 * Runs the detector over a stack of images, in batches. Yields to the event loop between them.
 *
 * @param indices which images; default all
 */
export async function detect(
  detector: Detector,
  stack: ImageStack,
  options: DetectOptions = {},
  indices: readonly number[] = Array.from({ length: stack.count }, (_, i) => i),
): Promise<Detection[]> {
  const { batchSize = 8, productResolution = 'image' } = options;
  const pixels = stack.height * stack.width;
  const detections: Detection[] = [];
  for (let start = 0; start < indices.length; start += batchSize) {
    options.signal?.throwIfAborted();
    const batch = indices.slice(start, start + batchSize);
    const maps = tf.tidy(() => {
      const pair = detectorFeatures(detector, imageBatch(stack, batch));
      const { levels, product } = anomalyMaps(pair, stack, productResolution);
      return options.levelMaps ? [product, ...levels] : [product];
    });
    const [product, ...levels] = maps.map((map) => map.dataSync<'float32'>());
    tf.dispose(maps);
    batch.forEach((_, i) => {
      const part = (values: Float32Array) => values.slice(i * pixels, (i + 1) * pixels);
      const map = part(product);
      detections.push({ score: imageScore(map), map, levelMaps: levels.map(part) });
    });
    options.onProgress?.(detections.length, indices.length);
    await new Promise(setImmediate);
  }
  return detections;
}
