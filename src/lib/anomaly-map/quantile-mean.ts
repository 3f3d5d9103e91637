import type { ImageSize } from '../metrics/scores';
import { quantile } from '../metrics/quantile';

/** Several anomaly maps of each of several images, at one resolution. */
export interface MapStack extends ImageSize {
  /** Images. */
  count: number;
  /** Maps of an image: those of the levels, for example, and that of a memory. */
  channels: number;
  /** The higher, the more anomalous; [count, channels, height, width]. */
  data: Float32Array;
}

/** Where a map's values lie in good images. */
export interface MapScale {
  /** What nine tenths of them do not exceed. */
  low: number;
  /** What all but 1 in 200 do not exceed. */
  high: number;
}

const LOW = 0.9;
const HIGH = 0.995;

/**
 * The scale of each map, over all pixels of good images.
 *
 * @param good held out: a map's values are smaller on images that the detector was trained on
 * @throws RangeError if a map has no values, hardly varies, or contains NaN
 */
export function mapScales(good: MapStack): MapScale[] {
  const pixels = good.height * good.width;
  return Array.from({ length: good.channels }, (_, channel) => {
    const values = new Float32Array(good.count * pixels);
    for (let image = 0; image < good.count; image++) {
      values.set(channelOf(good, image, channel), image * pixels);
    }
    values.sort();
    const scale = { low: quantile(values, LOW), high: quantile(values, HIGH) };
    if (scale.high > scale.low) return scale;
    throw new RangeError(
      `Expected maps of good images that vary, found the ${LOW} and the ${HIGH} quantile of map ${channel} ` +
        `both ${scale.low}.`,
    );
  });
}

/**
 * One map of several, without training: each is brought to the same scale by its quantiles on good images, where `low`
 * becomes 0 and `high` 1, and they are averaged. So EfficientAD joins its two maps (Batzner et al., WACV 2024, section
 * 3.4; its low and high become 0 and 0.1). A product, in contrast, is small wherever a single map is.
 *
 * @param scales of each map, see `mapScales`
 * @param weights of each map, adding up to 1. Default: all alike. See `memoryWeights`.
 * @returns a map for each image, [count, height, width]; below 0 where all is as usual
 * @throws RangeError unless there are as many scales and weights as maps
 */
export function quantileMean(
  maps: MapStack,
  scales: readonly MapScale[],
  weights: readonly number[] = scales.map(() => 1 / scales.length),
): Float32Array {
  if (scales.length !== maps.channels || weights.length !== maps.channels) {
    throw new RangeError(
      `Expected a scale and a weight for each of ${maps.channels} maps, found ${scales.length} scales and ` +
        `${weights.length} weights.`,
    );
  }
  const pixels = maps.height * maps.width;
  const result = new Float32Array(maps.count * pixels);
  for (let image = 0; image < maps.count; image++) {
    const joined = result.subarray(image * pixels, (image + 1) * pixels);
    scales.forEach(({ low, high }, channel) => {
      const map = channelOf(maps, image, channel);
      const factor = weights[channel] / (high - low);
      for (let i = 0; i < pixels; i++) joined[i] += (map[i] - low) * factor;
    });
  }
  return result;
}

/** Weights of level maps and, after them, a memory's map: half for the levels together, half for the memory. */
export function memoryWeights(levels: number): number[] {
  return [...Array.from({ length: levels }, () => 0.5 / levels), 0.5];
}

/** One map of an image: a view, not a copy. */
export function channelOf(maps: MapStack, image: number, channel: number): Float32Array {
  const pixels = maps.height * maps.width;
  const start = (image * maps.channels + channel) * pixels;
  return maps.data.subarray(start, start + pixels);
}
