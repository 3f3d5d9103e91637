import type { RgbImage } from '../../lib/data/image';
import { minMaxRange, toUnit } from '../scale/scale';
import { heatMap, type HeatMapOptions } from './heat-map';

/**
 * The paper's overlay: the map, scaled on its own and coloured by JET, plus the image, divided by
 * the largest channel value of the sum. Dim regions of the image gain a blue veil from it.
 *
 * @param image RGB image
 * @param map anomaly map of the image's size, row-major `[height, width]`
 * @throws RangeError if the map's length does not fit the image
 */
export function superposition(
  image: RgbImage,
  map: Float32Array,
  options: HeatMapOptions = {},
): RgbImage {
  const heat = heatMap(map, image, options).data;
  let largest = 1;
  for (let i = 0; i < heat.length; i++) largest = Math.max(largest, heat[i] + image.data[i]);
  const data = new Uint8Array(heat.length);
  for (let i = 0; i < heat.length; i++) {
    data[i] = Math.floor((255 * (heat[i] + image.data[i])) / largest);
  }
  return { width: image.width, height: image.height, data };
}

/** How `blend` mixes map and image. */
export interface BlendOptions extends HeatMapOptions {
  /** Weight of the colour where the map reaches the top of its range, in [0, 1]. Default .85. */
  opacity?: number;
}

/**
 * The overlay for a shared scale: the colour's weight grows with the map's value, so that normal
 * regions show the image itself and the eye is led only where there is something to see.
 *
 * @param image RGB image
 * @param map anomaly map of the image's size, row-major `[height, width]`
 * @throws RangeError if the map's length does not fit the image
 */
export function blend(
  image: RgbImage,
  map: Float32Array,
  { opacity = 0.85, colormap = 'inferno', range = minMaxRange(map) }: BlendOptions = {},
): RgbImage {
  const heat = heatMap(map, image, { colormap, range }).data;
  const unit = toUnit(map, range);
  const data = new Uint8Array(heat.length);
  for (let i = 0; i < heat.length; i++) {
    const value = unit[Math.floor(i / 3)];
    const weight = Number.isNaN(value) ? opacity : opacity * value;
    data[i] = Math.round(weight * heat[i] + (1 - weight) * image.data[i]);
  }
  return { width: image.width, height: image.height, data };
}
