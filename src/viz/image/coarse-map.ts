import type { MapSize } from './heat-map';

/** A map in fewer, larger cells. */
export interface CoarseMap {
  /** Values, row-major `[height, width]`. */
  values: Float32Array;
  /** Cells across. */
  width: number;
  /** Cells down. */
  height: number;
  /** Side of a cell in pixels of the map; cells at the right and lower border may be cut off. */
  step: number;
}

/**
 * A map `[height, width]`, row-major, in at most `resolution` cells along its longer side. A cell has the highest value
 * of its pixels, so that no peak is lost and the highest cell is the image's score.
 *
 * @throws RangeError if the map's length is not width times height, or the resolution is not a whole number above 1
 */
export function coarseMap(
  map: ArrayLike<number>,
  { width, height }: MapSize,
  resolution: number,
): CoarseMap {
  if (map.length !== width * height) {
    throw new RangeError(
      `coarseMap: expected ${width} x ${height} = ${width * height} values, found ${map.length}`,
    );
  }
  if (!Number.isInteger(resolution) || resolution < 2) {
    throw new RangeError(
      `coarseMap: expected a resolution of 2 cells or more, found ${resolution}`,
    );
  }
  const step = Math.ceil(Math.max(width, height) / resolution);
  const [across, down] = [Math.ceil(width / step), Math.ceil(height / step)];
  const values = new Float32Array(across * down).fill(-Infinity);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const cell = Math.floor(y / step) * across + Math.floor(x / step);
      values[cell] = Math.max(values[cell], map[y * width + x]);
    }
  }
  return { values, width: across, height: down, step };
}
