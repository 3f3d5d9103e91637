import type { Range } from './range';

/**
 * Scales a map to [0, 1]: `range.lo` becomes 0, `range.hi` becomes 1, values beyond are clamped and
 * NaN stays NaN. A range without extent (a constant map) gives 0 up to `lo` and 1 above it.
 */
export function toUnit(map: ArrayLike<number>, range: Range): Float32Array {
  const extent = range.hi - range.lo;
  const unit = new Float32Array(map.length);
  for (let i = 0; i < map.length; i++) {
    const value = map[i];
    if (Number.isNaN(value)) unit[i] = NaN;
    else if (value <= range.lo) unit[i] = 0;
    else if (value >= range.hi) unit[i] = 1;
    else unit[i] = (value - range.lo) / extent;
  }
  return unit;
}
