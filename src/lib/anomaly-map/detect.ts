import type { ImageStack } from '../data/image';
import type { ResizeFilter } from '../data/resample';
import { tf } from '../engine/index';
import { detectorFeatures } from '../models/detector';
import type { DetectorNetworks } from '../models/detector';
import { imageBatch } from '../models/image-batch';
import { anomalyMaps, imageScore } from './anomaly-map';
import type { ProductResolution } from './anomaly-map';
import type { OperatingThreshold } from './threshold';

/** What the detector says of one image; maps are row-major, at the image size. */
export interface Detection {
  score: number;
  map: Float32Array;
  /** Upsampled maps of levels 1 to 3; empty unless asked for. */
  levelMaps: Float32Array[];
}

export interface DetectOptions {
  batchSize?: number;
  levelMaps?: boolean;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/**
 * Runs a detector over a stack of images, in batches. Yields to the event loop between them.
 *
 * The networks are convolutional: images of other sizes than the detector's work too, where their sides can be halved
 * often enough, but score differently, so that the threshold does not hold for them.
 *
 * @param indices which images; default all
 * @throws RangeError for images of a size that the networks cannot take; the signal's reason
 */
export type DetectImages = (
  stack: ImageStack,
  options?: DetectOptions,
  indices?: readonly number[],
) => Promise<Detection[]>;

/** How a detector's images are made and its maps are read: part of the detector as much as its weights are. */
export interface DetectorSettings {
  /** Side in pixels of the square images that it was trained on. */
  imageSize: number;
  /** How images are resized to it. */
  resizeFilter: ResizeFilter;
  /** Where the product of Eq. 2 is taken. */
  productResolution: ProductResolution;
  /** An image whose score is above it is called defective; null where none was set. */
  threshold: OperatingThreshold | null;
}

/** A detector with all that it takes to use it, whatever computes it. */
export interface AnomalyDetector extends Readonly<DetectorSettings> {
  detect: DetectImages;
  dispose(): void | Promise<void>;
}

/** A detector that TensorFlow computes. */
export interface TensorFlowDetector extends AnomalyDetector, Readonly<DetectorNetworks> {
  /** Frees the networks, the teacher among them. */
  dispose(): void;
}

/**
 * A detector of these networks.
 *
 * @param settings a training's configuration, for example. By default, maps are multiplied at the image
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
