import type { ImageSize } from '../metrics/scores';

/** A Gaussian is cut off at this many standard deviations, as SciPy does. */
const TRUNCATE = 4;

/**
 * The Gaussian's weights from -radius to radius, adding up to 1.
 *
 * @param sigma in pixels, above 0
 */
export function gaussianKernel(sigma: number): Float32Array {
  const radius = Math.floor(TRUNCATE * sigma + 0.5);
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return Float32Array.from(weights, (weight) => weight / sum);
}

/**
 * A map smoothed by a Gaussian; beyond its borders it is mirrored, the border pixel once (SciPy's mode 'mirror').
 *
 * @param map [height, width]
 * @param sigma standard deviation in pixels, above 0
 */
export function gaussianBlur(
  map: Float32Array,
  { height, width }: ImageSize,
  sigma: number,
): Float32Array {
  const kernel = gaussianKernel(sigma);
  const rows = blurAlong(map, kernel, { lines: height, length: width, step: 1, stride: width });
  return blurAlong(rows, kernel, { lines: width, length: height, step: width, stride: 1 });
}

/** Where the values of a map lie along one axis: `step` apart in a line, lines `stride` apart. */
interface Axis {
  lines: number;
  length: number;
  step: number;
  stride: number;
}

function blurAlong(
  map: Float32Array,
  kernel: Float32Array,
  { lines, length, step, stride }: Axis,
): Float32Array {
  const radius = (kernel.length - 1) / 2;
  const result = new Float32Array(map.length);
  const line = new Float64Array(length + 2 * radius);
  for (let l = 0; l < lines; l++) {
    for (let i = -radius; i < length + radius; i++) {
      line[i + radius] = map[l * stride + mirrored(i, length) * step];
    }
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (let k = 0; k < kernel.length; k++) sum += kernel[k] * line[i + k];
      result[l * stride + i * step] = sum;
    }
  }
  return result;
}

/** An index beyond the ends of a line, mirrored at them; as often as it takes for short lines. */
function mirrored(index: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const i = ((index % period) + period) % period;
  return i < length ? i : period - i;
}
