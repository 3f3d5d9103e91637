import type { ImageSize } from '../data/image-size';
import { LEVEL_CHANNELS, LEVEL_STRIDES } from '../models/pyramid-levels';
import type { FeaturePyramid } from '../models/resnet18';

/** Features of images, for as long as a training goes on. They are added in the order of the images. */
export interface FeatureStore {
  /** Memory that the features take while the training goes on. */
  readonly memoryBytes: number;
  /** Adds the features of the next images. The tensors stay the caller's. */
  add(pyramid: FeaturePyramid): void;
  /** New tensors with the features of these images, in this order. */
  gather(indices: readonly number[]): FeaturePyramid;
  dispose(): void;
}

/** [height, width, channels] of each level's features of one image. */
export type LevelShape = [height: number, width: number, channels: number];

/** The shapes of the levels of images of this size, whose sides are multiples of 16. */
export function levelShapes({ height, width }: ImageSize): LevelShape[] {
  return LEVEL_CHANNELS.map((channels, level) => [
    height / LEVEL_STRIDES[level],
    width / LEVEL_STRIDES[level],
    channels,
  ]);
}

/** float32. */
export const VALUE_BYTES = 4;

/** Bytes of one level of one image. */
export const levelBytes = ([height, width, channels]: LevelShape) =>
  height * width * channels * VALUE_BYTES;

/** Bytes of all levels of one image: 1.8 MB at 256 x 256. */
export function pyramidBytes(size: ImageSize): number {
  return levelShapes(size).reduce((sum, shape) => sum + levelBytes(shape), 0);
}
