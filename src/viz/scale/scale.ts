import { quantile as quantileOf } from '../../lib/metrics/quantile';

/** The values that get the first and the last colour of a colour map; values beyond are clamped. */
export interface Range {
  lo: number;
  hi: number;
}

/**
 * The range from the smallest to the largest finite value: the paper's scaling, each map on its own.
 * It makes the most normal image show a hot spot, and two models incomparable; see `sharedScale`.
 * A map without finite values gets 0 to 0.
 */
export function minMaxRange(map: ArrayLike<number>): Range {
  let lo = Infinity;
  let hi = -Infinity;
  for (let i = 0; i < map.length; i++) {
    const value = map[i];
    if (!Number.isFinite(value)) continue;
    if (value < lo) lo = value;
    if (value > hi) hi = value;
  }
  return lo <= hi ? { lo, hi } : { lo: 0, hi: 0 };
}

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

/** How `sharedScale` finds its upper limit. */
export interface SharedScaleOptions {
  /** The quantile of the normal pixels that gets the last colour, in (0, 1]. Default .999. */
  quantile?: number;
  /**
   * The quantile that gets the first colour, for maps whose normal values lie far above 0, such as distances. Default:
   * 0 itself gets it.
   */
  lowQuantile?: number;
}

/**
 * One range for all images of a model, set by what is normal: from 0 to the 99.9th percentile of the
 * pixels of its maps on good test images. On this scale a good image stays dark, and the same colour
 * means the same distance from normal for every model.
 *
 * @param goodMaps anomaly maps of good images, any sizes; non-finite pixels are left out
 * @throws RangeError if there is no pixel to measure or the quantile is out of its range
 */
export function sharedScale(
  goodMaps: readonly Float32Array[],
  { quantile = 0.999, lowQuantile }: SharedScaleOptions = {},
): Range {
  if (!(quantile > 0 && quantile <= 1)) {
    throw new RangeError(`sharedScale: expected a quantile in (0, 1], found ${quantile}`);
  }
  const pixels = sortedFinite(goodMaps);
  if (pixels.length === 0) {
    throw new RangeError('sharedScale: expected maps of good images, found no finite pixel');
  }
  const lo = lowQuantile === undefined ? 0 : quantileOf(pixels, lowQuantile);
  return { lo, hi: quantileOf(pixels, quantile) };
}

function sortedFinite(maps: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(maps.reduce((sum, map) => sum + map.length, 0));
  let length = 0;
  for (const map of maps) {
    for (const value of map) if (Number.isFinite(value)) all[length++] = value;
  }
  return all.subarray(0, length).sort();
}
