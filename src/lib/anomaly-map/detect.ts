import type { Fit } from '../data/frame';
import type { ImageStack } from '../data/image';
import type { RegionOfInterest } from '../data/region-of-interest';
import type { ResizeFilter } from '../data/resample';
import type { ValueRange } from '../data/value-range';
import { tf } from '../engine/index';
import { detectorFeatures } from '../models/detector';
import type { DetectorNetworks } from '../models/detector';
import { imageBatch } from '../models/image-batch';
import type { SideOrSize } from '../models/side-or-size';
import { anomalyMaps } from './anomaly-map';
import { imageScore, largestCounted } from './map-values';
import type { ProductResolution } from './anomaly-map';
import type { GoodScores, OperatingThreshold } from './threshold';
import { withinRegion } from './detection';
import type { Detection, PixelDetection } from './detection';

/** What a threshold is set from. */
export function scoresOf(detections: readonly Pick<Detection, 'score' | 'map'>[]): GoodScores {
  const maps = detections.flatMap(({ map }) => map ?? []);
  return {
    scores: detections.map(({ score }) => score),
    peaks: maps.length === detections.length ? maps.map(largestCounted) : null,
  };
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
export type DetectImages<D extends Detection = Detection> = (
  stack: ImageStack,
  options?: DetectOptions,
  indices?: readonly number[],
) => Promise<D[]>;

/** How a detector's images are made and its maps are read: part of the detector as much as its weights are. */
export interface DetectorSettings {
  /** The size of the images that it was trained on, in pixels: the side of squares, or height and width (`sizeOf`). */
  imageSize: SideOrSize;
  /** How pictures come to that size. Left out: stretched. */
  fit?: Fit;
  /**
   * The pixels by which tiles overlap at least, of a detector that judges pictures tile by tile, at their own resolution:
   * its images are the tiles. Null or left out: it sees pictures whole.
   */
  tileOverlap?: number | null;
  /** How images are resized to it. */
  resizeFilter: ResizeFilter;
  /** The scale of images with more than 8 bits a channel. Null or left out: images have 8. */
  valueRange?: ValueRange | null;
  /** What counts of pictures, at their own size. Null or left out: all of them. */
  roi?: RegionOfInterest | null;
  /** Where the product of Eq. 2 is taken. */
  productResolution: ProductResolution;
  /** An image whose score is above it is called defective; null where none was set. */
  threshold: OperatingThreshold | null;
}

/** A detector with all that it takes to use it, whatever computes it. */
export interface AnomalyDetector<
  D extends Detection = Detection,
> extends Readonly<DetectorSettings> {
  detect: DetectImages<D>;
  dispose(): void | Promise<void>;
}

/** A model in the engine, ready to judge. */
export interface Judge<D extends Detection = Detection> {
  /** @param indices a batch of the stack's images */
  judge(
    stack: ImageStack,
    indices: readonly number[],
    options: Pick<DetectOptions, 'levelMaps'>,
  ): D[] | Promise<D[]>;
  dispose(): void;
}

/** A detector that judges batch by batch. */
export function createDetector<D extends Detection>(
  judge: Judge<D>,
  settings: DetectorSettings,
): AnomalyDetector<D> {
  const { imageSize, fit, tileOverlap, resizeFilter, valueRange } = settings;
  const { roi, productResolution, threshold } = settings;
  return {
    imageSize,
    fit,
    tileOverlap,
    resizeFilter,
    valueRange,
    roi,
    productResolution,
    threshold,
    detect: detectWith(judge),
    dispose: () => judge.dispose(),
  };
}

function detectWith<D extends Detection>({ judge }: Judge<D>): DetectImages<D> {
  return async (
    stack,
    options = {},
    indices = Array.from({ length: stack.count }, (_, i) => i),
  ) => {
    const { batchSize = 8 } = options;
    const detections: D[] = [];
    for (let start = 0; start < indices.length; start += batchSize) {
      options.signal?.throwIfAborted();
      const batch = indices.slice(start, start + batchSize);
      const judged = await judge(stack, batch, options);
      detections.push(...judged.map((detection, i) => withinRegion(detection, stack, batch[i])));
      options.onProgress?.(detections.length, indices.length);
      await new Promise(setImmediate);
    }
    return detections;
  };
}

/** A student-teacher detector that TensorFlow computes. */
export interface TensorFlowDetector
  extends AnomalyDetector<PixelDetection>, Readonly<DetectorNetworks> {
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
  const { productResolution = 'image', threshold = null } = settings;
  const dispose = () => {
    teacher.dispose();
    student.dispose();
    autoEncoders?.store.dispose();
  };
  const judge = { judge: judgeByNetworks(networks, productResolution), dispose };
  return {
    ...networks,
    ...createDetector(judge, { ...settings, productResolution, threshold }),
    dispose,
  };
}

/** Eq. 1 and 2 on the networks' features. */
export function judgeByNetworks(
  networks: DetectorNetworks,
  productResolution: ProductResolution,
): Judge<PixelDetection>['judge'] {
  return (stack, indices, { levelMaps }) => {
    const pixels = stack.height * stack.width;
    const maps = tf.tidy(() => {
      const pair = detectorFeatures(networks, imageBatch(stack, indices));
      const { levels, product } = anomalyMaps(pair, stack, productResolution);
      return levelMaps ? [product, ...levels] : [product];
    });
    const [product, ...levels] = maps.map((map) => map.dataSync<'float32'>());
    tf.dispose(maps);
    return indices.map((_, i) => {
      const part = (values: Float32Array) => values.slice(i * pixels, (i + 1) * pixels);
      const map = part(product);
      return { score: imageScore(map), map, levelMaps: levels.map(part) };
    });
  };
}
