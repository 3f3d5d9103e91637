import type { OperatingThreshold } from '../anomaly-map/threshold';
import type { ResizeFilter } from '../data/resample';
import type { RegionOfInterest } from '../data/region-of-interest';
import type { ImageSize } from '../metrics/scores';
import type { ImageInput } from './image-input';
import type { SideOrSize } from '../models/side-or-size';

/** An anomaly map, row-major; the higher a value, the more anomalous the place. */
export interface AnomalyMap extends ImageSize {
  /** [height, width] */
  data: Float32Array;
}

/** Which pixels of a map are defective: 1, the others 0; row-major. */
export interface DefectMask extends ImageSize {
  /** [height, width] */
  data: Uint8Array;
}

/** Defective pixels that touch, edges and corners alike. */
export interface DefectRegion {
  /** Its largest value in the map. */
  score: number;
  /** In pixels of the map. */
  pixels: number;
  /** The box around it, in pixels of the image as it came, upright: its corner and its sides; not whole numbers. */
  box: { left: number; top: number; width: number; height: number };
}

/** What counts of an image: 1, the rest 0; row-major, at the size of the image as it comes, upright. */
export interface Region extends ImageSize {
  /** [height, width] */
  data: Uint8Array;
}

/** What a detector says of one image. */
export interface DetectionResult {
  /** The higher, the more anomalous. */
  score: number;
  /** Whether the score is above the detector's threshold; null for a detector without one. */
  isDefective: boolean | null;
  /**
   * At the size that the detector sees; null from a method that judges whole images only. Of a detector that pads, crops or
   * tiles its images, or where only a region of them counts, at the size of the image: NaN where it was not looked at, or
   * does not count.
   */
  map: AnomalyMap | null;
  /**
   * Where the map is above the threshold. Null without a threshold, and from a method whose image score is not the
   * largest value of its map: its threshold says nothing of a pixel.
   */
  mask: DefectMask | null;
  /** The connected parts of the mask, the highest score first; null where there is no mask. */
  regions: DefectRegion[] | null;
  /** Of the image as it came, upright. */
  imageSize: ImageSize;
  /** The share of the pixels (that count) which was not looked at, by a detector that crops: the score says nothing of it. */
  unseen: number;
}

export interface DetectImageOptions {
  /** Rejects with its reason; an image that is being computed is finished first. */
  signal?: AbortSignal;
  /** What counts of this image. Default: the detector's region for all images, else all of it. */
  region?: Region;
}

export interface DetectManyOptions extends Pick<DetectImageOptions, 'signal'> {
  /**
   * Images that are computed together. Default 8. While a batch is computed the next one is read, and nothing more until
   * the results are taken: any number of images takes the memory of two batches. With 1, each result comes before the
   * image after the next one is asked for, as a camera wants it.
   */
  batchSize?: number;
}

/** One of many: what the detector says of it, or why it cannot say anything. */
export type ManyResult = {
  /** Its place among the images, from 0. */
  index: number;
  /** As it was given. */
  image: ImageInput;
} & ({ result: DetectionResult; error: null } | { result: null; error: Error });

/** A detector with all that its use takes: size, resize filter and threshold are its own. */
export interface Detector {
  /** The file or folder that it came from, for messages. */
  readonly name: string;
  /** Side in pixels of the square that images are resized to. */
  readonly imageSize: SideOrSize;
  /** How they are. */
  readonly resizeFilter: ResizeFilter;
  /** Null where none was set: then `isDefective` is null. */
  readonly threshold: OperatingThreshold | null;
  /**
   * What counts of images: one region for all of them, or, with `of: 'each'`, one that `detect` is given with each image.
   * Null: all of each image.
   */
  readonly roi: RegionOfInterest | null;
  /**
   * Judges one image.
   *
   * @throws ImageFileError, ImageInputError for one that cannot be read; RangeError where the score or map is not finite, or
   *   the image does not fit its region of interest, or needs one and has none; the signal's reason; Error after `dispose`
   */
  detect(image: ImageInput, options?: DetectImageOptions): Promise<DetectionResult>;
  /**
   * Judges images as they come, in their order, in batches; one that cannot be read does not stop the others, and is
   * never passed over: it comes with its error. Ending the loop early closes `images`.
   *
   * @throws RangeError for a batch size that is no whole number of at least 1; whatever `images` throws; the signal's
   *   reason; Error after `dispose`
   */
  detectMany(
    images: Iterable<ImageInput> | AsyncIterable<ImageInput>,
    options?: DetectManyOptions,
  ): AsyncGenerator<ManyResult, void, undefined>;
  /** Frees the model, once what is being computed has ended. Can be called again. */
  dispose(): Promise<void>;
  /** The same, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
