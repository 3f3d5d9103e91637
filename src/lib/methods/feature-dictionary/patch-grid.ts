import type { ImageSize } from '../../metrics/scores';
import type { Corner } from './patch-features';

/** Patches at regular distances, one row after the other, that cover an image. */
export interface PatchGrid {
  patchSize: number;
  /** Upper left corners, row by row. */
  corners: Corner[];
}

/**
 * A patch at every `stride` pixels along both sides, and flush with the right and the lower border where the strides do
 * not end there.
 *
 * @throws RangeError for an image that is smaller than a patch
 */
export function patchGrid(
  { height, width }: ImageSize,
  patchSize: number,
  stride: number,
): PatchGrid {
  const starts = (length: number) => {
    const last = length - patchSize;
    if (last < 0) {
      throw new RangeError(
        `Expected an image of at least ${patchSize} pixels a side, the size of a patch, found ${width} x ${height}.`,
      );
    }
    const regular = Array.from({ length: Math.floor(last / stride) + 1 }, (_, i) => i * stride);
    return last % stride === 0 ? regular : [...regular, last];
  };
  const columns = starts(width);
  const corners = starts(height).flatMap((y) => columns.map((x) => ({ x, y })));
  return { patchSize, corners };
}

/**
 * A map of the image: at each pixel the mean of the scores of the patches that cover it.
 *
 * @param scores one a patch
 * @returns [height, width]; 0 where no patch is
 */
export function meanOverPatches(
  scores: ArrayLike<number>,
  { patchSize, corners }: PatchGrid,
  { height, width }: ImageSize,
): Float32Array {
  const sums = new Float64Array(height * width);
  const counts = new Uint32Array(height * width);
  corners.forEach(({ x, y }, patch) => {
    for (let row = y; row < y + patchSize; row++) {
      for (let i = row * width + x; i < row * width + x + patchSize; i++) {
        sums[i] += scores[patch];
        counts[i]++;
      }
    }
  });
  return Float32Array.from(sums, (sum, i) => (counts[i] > 0 ? sum / counts[i] : 0));
}
