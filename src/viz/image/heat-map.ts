import type { RgbImage } from '../../lib/data/image';
import { colormap, type ColormapName } from '../colormap/colormap';
import { minMaxRange, toUnit } from '../scale/scale';
import type { Range } from '../scale/scale';

/** The size of a map in pixels. */
export interface MapSize {
  width: number;
  height: number;
}

/** How values become colours. */
export interface HeatMapOptions {
  /** Default `jet`, the paper's look. */
  colormap?: ColormapName;
  /** The values of the first and last colour. Default: smallest and largest value of this map. */
  range?: Range;
}

/** Pixels without a value (NaN) are drawn in this grey, which no colour map here contains. */
const NO_VALUE = 128;

/**
 * An anomaly map `[height, width]`, row-major, as a colour image of the same size.
 * @throws RangeError if the map's length is not width times height
 */
export function heatMap(
  map: Float32Array,
  { width, height }: MapSize,
  { colormap: name = 'jet', range = minMaxRange(map) }: HeatMapOptions = {},
): RgbImage {
  if (map.length !== width * height) {
    throw new RangeError(
      `heatMap: expected ${width} x ${height} = ${width * height} values, found ${map.length}`,
    );
  }
  const table = colormap(name);
  const unit = toUnit(map, range);
  const data = new Uint8Array(3 * map.length);
  for (let i = 0; i < unit.length; i++) {
    if (Number.isNaN(unit[i])) {
      data.fill(NO_VALUE, 3 * i, 3 * i + 3);
      continue;
    }
    const entry = 3 * Math.round(255 * unit[i]);
    data[3 * i] = table[entry];
    data[3 * i + 1] = table[entry + 1];
    data[3 * i + 2] = table[entry + 2];
  }
  return { width, height, data };
}
