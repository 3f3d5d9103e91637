import type { Mask } from '../data/mask';

/** The pixels of the images that pixel metrics are computed on, one image after the other. */
export interface PixelStack {
  /** [images, height, width] */
  scores: Float32Array;
  /** 0 (normal) or 1 (defect) for each pixel. */
  labels: Uint8Array;
  /** Which of the given images these are. */
  images: number[];
}

/**
 * Joins anomaly maps and masks, leaving out defect images without a mask. A good image needs no
 * mask.
 *
 * @param maps each of height * width pixels
 * @param labels 0 (good) or 1 (defect) for each image
 */
export function stackPixels(
  maps: readonly Float32Array[],
  masks: readonly (Mask | null)[],
  labels: ArrayLike<number>,
  pixels: number,
): PixelStack {
  const images = maps.map((_, i) => i).filter((i) => labels[i] === 0 || masks[i] !== null);
  const scores = new Float32Array(images.length * pixels);
  const stackedLabels = new Uint8Array(images.length * pixels);
  images.forEach((image, place) => {
    scores.set(maps[image], place * pixels);
    const mask = masks[image];
    if (mask !== null) stackedLabels.set(mask.data, place * pixels);
  });
  return { scores, labels: stackedLabels, images };
}
