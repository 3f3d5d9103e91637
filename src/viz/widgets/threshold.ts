// What a threshold makes of scores and maps; used by the cell and by the page.

/** An image above the threshold is judged to be defective. */
export type Verdict = 'found' | 'missed' | 'false alarm' | 'good';

export function verdictOf(score: number, isDefective: boolean, threshold: number): Verdict {
  if (score > threshold) return isDefective ? 'found' : 'false alarm';
  return isDefective ? 'missed' : 'good';
}

/** How many images have each verdict. */
export function countVerdicts(
  images: readonly { score: number; isDefective: boolean }[],
  threshold: number,
): Record<Verdict, number> {
  const counts = { found: 0, missed: 0, 'false alarm': 0, good: 0 };
  for (const { score, isDefective } of images) counts[verdictOf(score, isDefective, threshold)]++;
  return counts;
}

/** What a pixel above the threshold is mixed with, half and half. */
const TINT = [255, 30, 30];

/**
 * @param rgb an image, row-major, 3 bytes a pixel
 * @param map a value for each of its pixels
 * @returns the image with the pixels red whose value is above the threshold, and how many these are
 */
export function tinted(
  rgb: Uint8Array,
  map: Float32Array,
  threshold: number,
): { data: Uint8Array; above: number } {
  const data = Uint8Array.from(rgb);
  let above = 0;
  for (let i = 0; i < map.length; i++) {
    if (!(map[i] > threshold)) continue;
    above++;
    for (let c = 0; c < 3; c++) data[3 * i + c] = (rgb[3 * i + c] + TINT[c]) >> 1;
  }
  return { data, above };
}

/** From the least to the largest threshold that can be chosen; on a logarithmic scale if both are positive. */
export interface ThresholdScale {
  lowest: number;
  highest: number;
}

/** @param share of the way from the lowest to the highest, in [0, 1] */
export function thresholdAt({ lowest, highest }: ThresholdScale, share: number): number {
  return lowest > 0 ? lowest * (highest / lowest) ** share : lowest + share * (highest - lowest);
}

/** The way back, of a threshold of any size: in [0, 1]. */
export function shareOf({ lowest, highest }: ThresholdScale, threshold: number): number {
  const share =
    lowest > 0
      ? Math.log(threshold / lowest) / Math.log(highest / lowest)
      : (threshold - lowest) / (highest - lowest);
  return Number.isNaN(share) ? 0 : Math.min(1, Math.max(0, share));
}
