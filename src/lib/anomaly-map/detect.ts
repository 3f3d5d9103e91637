import { tf } from '../engine/index';
import { detectorFeatures } from '../models/detector';
import type { DetectorNetworks } from '../models/detector';
import { imageBatch } from '../models/image-batch';
import { anomalyMaps } from './anomaly-map';
import type { AnomalyDetector, DetectImages, Detection, DetectorSettings } from './detection';
import { imageScore } from './image-score';

export type {
  AnomalyDetector,
  DetectImages,
  DetectOptions,
  Detection,
  DetectorSettings,
} from './detection';

/** A detector that TensorFlow computes. */
export interface TensorFlowDetector extends AnomalyDetector, Readonly<DetectorNetworks> {
  /** Frees the networks, the teacher among them. */
  dispose(): void;
}

/**
 * A detector of these networks.
 *
 * @param settings a training's configuration, for example. Where nothing else is said, maps are multiplied at the image
 *   size and there is no threshold.
 */
export function createTensorFlowDetector(
  networks: DetectorNetworks,
  settings: Pick<DetectorSettings, 'imageSize' | 'resizeFilter'> & Partial<DetectorSettings>,
): TensorFlowDetector {
  const { teacher, student, autoEncoders } = networks;
  const { imageSize, resizeFilter, productResolution = 'image', threshold = null } = settings;
  return {
    ...networks,
    imageSize,
    resizeFilter,
    productResolution,
    threshold,
    detect: detectWith(networks, productResolution),
    dispose: () => {
      teacher.dispose();
      student.dispose();
      autoEncoders?.store.dispose();
    },
  };
}

function detectWith(
  networks: DetectorNetworks,
  productResolution: DetectorSettings['productResolution'],
): DetectImages {
  return async (
    stack,
    options = {},
    indices = Array.from({ length: stack.count }, (_, i) => i),
  ) => {
    const { batchSize = 8 } = options;
    const pixels = stack.height * stack.width;
    const detections: Detection[] = [];
    for (let start = 0; start < indices.length; start += batchSize) {
      options.signal?.throwIfAborted();
      const batch = indices.slice(start, start + batchSize);
      const maps = tf.tidy(() => {
        const pair = detectorFeatures(networks, imageBatch(stack, batch));
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
  };
}
