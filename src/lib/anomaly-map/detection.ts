import type { ImageStack } from '../data/load-images';
import type { ProductResolution } from './anomaly-map';

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
  productResolution?: ProductResolution;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/**
 * Runs some detector over a stack of images, in batches, whatever computes it.
 *
 * @param indices which images; default all
 */
export type DetectImages = (
  stack: ImageStack,
  options?: DetectOptions,
  indices?: readonly number[],
) => Promise<Detection[]>;
