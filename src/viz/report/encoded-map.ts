import { loadSharp } from '../../lib/data/sharp';
import type { MapSize } from '../image/heat-map';
import { minMaxRange } from '../scale/range';
import { toUnit } from '../scale/to-unit';

/**
 * A map as an 8-bit grey PNG: the grey value g stands for lo + (hi - lo) (g / 255)². The square keeps
 * steps small where normal pixels lie, far below a defect's.
 */
export interface EncodedMap {
  /** Data URI. */
  png: string;
  lo: number;
  hi: number;
  /** Side in image pixels of one grey pixel. */
  step: number;
}

/**
 * Encodes a map `[height, width]`, row-major; what is not a number becomes the lowest value.
 *
 * @param step side of the blocks that are averaged into one grey pixel; it divides the map's sides
 */
export async function encodeMap(
  map: Float32Array,
  size: MapSize,
  step: number,
): Promise<EncodedMap> {
  const [width, height] = [size.width / step, size.height / step];
  const values = step === 1 ? map : blockMeans(map, size.width, step, [width, height]);
  const range = minMaxRange(values);
  const unit = toUnit(values, range);
  const grey = Uint8Array.from(unit, (value) => Math.round(255 * Math.sqrt(value || 0)));
  const sharp = loadSharp();
  const png = await sharp(grey, { raw: { width, height, channels: 1 } })
    .toColourspace('b-w')
    .png({ compressionLevel: 9, adaptiveFiltering: true })
    .toBuffer();
  return {
    png: `data:image/png;base64,${png.toString('base64')}`,
    lo: rounded(range.lo),
    hi: rounded(range.hi),
    step,
  };
}

function blockMeans(
  map: Float32Array,
  mapWidth: number,
  step: number,
  [width, height]: [number, number],
): Float32Array {
  const means = new Float32Array(width * height);
  for (let i = 0; i < height * step * mapWidth; i++) {
    const [x, y] = [i % mapWidth, Math.floor(i / mapWidth)];
    means[Math.floor(y / step) * width + Math.floor(x / step)] += map[i] / step ** 2;
  }
  return means;
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
