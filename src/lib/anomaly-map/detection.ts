import type { ImageStack } from '../data/load-images';
import type { ResizeFilter } from '../data/resample';
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
 * The networks are convolutional: images of another size than the detector's work too, where their sides can be halved
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
