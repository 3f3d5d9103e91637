import { quantile as quantileOf } from '../../lib/metrics/quantile';
import type { Range } from './range';

/** How `sharedScale` finds its upper limit. */
export interface SharedScaleOptions {
  /** The quantile of the normal pixels that gets the last colour, in (0, 1]. Default .999. */
  quantile?: number;
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
  { quantile = 0.999 }: SharedScaleOptions = {},
): Range {
  if (!(quantile > 0 && quantile <= 1)) {
    throw new RangeError(`sharedScale: expected a quantile in (0, 1], found ${quantile}`);
  }
  const pixels = sortedFinite(goodMaps);
  if (pixels.length === 0) {
    throw new RangeError('sharedScale: expected maps of good images, found no finite pixel');
  }
  return { lo: 0, hi: quantileOf(pixels, quantile) };
}

function sortedFinite(maps: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(maps.reduce((sum, map) => sum + map.length, 0));
  let length = 0;
  for (const map of maps) {
    for (const value of map) if (Number.isFinite(value)) all[length++] = value;
  }
  return all.subarray(0, length).sort();
}
