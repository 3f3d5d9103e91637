import type { ImageSize } from '../metrics/scores';

/** Which antialiasing filter an image is resized with; `bilinear` is torchvision's default. */
export type ResizeFilter = 'bilinear' | 'lanczos3';

interface Kernel {
  /** Half width in output pixels (in input pixels when enlarging). */
  support: number;
  weight(x: number): number;
}

const KERNELS: Record<ResizeFilter, Kernel> = {
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  lanczos3: { support: 3, weight: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Weights are whole numbers of 2^-22, so that results do not depend on the order of summation. */
const PRECISION_BITS = 22;
const HALF = 2 ** (PRECISION_BITS - 1);

/** For each output position: the first input position, and how many weights there are from there on. */
interface Taps {
  first: Int32Array;
  counts: Int32Array;
  /** The most weights of any position; those of the next position begin this much later. */
  taps: number;
  weights: Int32Array;
}

function computeTaps(inputSize: number, outputSize: number, { support, weight }: Kernel): Taps {
  const scale = inputSize / outputSize;
  const stretch = Math.max(scale, 1);
  const radius = support * stretch;
  const taps = Math.ceil(radius) * 2 + 1;
  const first = new Int32Array(outputSize);
  const counts = new Int32Array(outputSize);
  const weights = new Int32Array(outputSize * taps);
  for (let i = 0; i < outputSize; i++) {
    const centre = (i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - radius + 0.5));
    const end = Math.min(inputSize, Math.trunc(centre + radius + 0.5));
    const row = [];
    for (let x = start; x < end; x++) row.push(weight((x - centre + 0.5) * (1 / stretch)));
    const sum = row.reduce((total, value) => total + value, 0);
    first[i] = start;
    counts[i] = row.length;
    row.forEach((value, k) => {
      const scaled = (value / sum) * 2 ** PRECISION_BITS;
      weights[i * taps + k] = Math.trunc(scaled + (scaled < 0 ? -0.5 : 0.5));
    });
  }
  return { first, counts, taps, weights };
}

/** A sum of bytes times weights as a byte. */
function toByte(sum: number): number {
  const value = sum >> PRECISION_BITS;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

/** Resizes each row of interleaved RGB pixels: the usual case, its three sums taken together. */
function resampleRgbRows(
  input: Uint8Array,
  rows: number,
  inputSize: number,
  outputSize: number,
  kernel: Kernel,
): Uint8Array {
  const { first, counts, taps, weights } = computeTaps(inputSize, outputSize, kernel);
  const output = new Uint8Array(rows * outputSize * 3);
  let to = 0;
  for (let row = 0; row < rows; row++) {
    const begin = row * inputSize * 3;
    for (let i = 0; i < outputSize; i++) {
      const end = i * taps + counts[i];
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      for (let k = i * taps, at = begin + first[i] * 3; k < end; k++, at += 3) {
        const weight = weights[k];
        red = (red + Math.imul(input[at], weight)) | 0;
        green = (green + Math.imul(input[at + 1], weight)) | 0;
        blue = (blue + Math.imul(input[at + 2], weight)) | 0;
      }
      output[to] = toByte(red);
      output[to + 1] = toByte(green);
      output[to + 2] = toByte(blue);
      to += 3;
    }
  }
  return output;
}

/**
 * Resizes along one axis. Seen as [outer, size, inner], element (o, i, c) of the result is the
 * weighted sum of elements (o, *, c) of the input.
 */
function resampleAxis(
  input: Uint8Array,
  [outer, inputSize, inner]: [number, number, number],
  outputSize: number,
  kernel: Kernel,
): Uint8Array {
  if (inner === 3) return resampleRgbRows(input, outer, inputSize, outputSize, kernel);
  const { first, counts, taps, weights } = computeTaps(inputSize, outputSize, kernel);
  const output = new Uint8Array(outer * outputSize * inner);
  // Whole runs of `inner` elements at a time, which lie one after the other.
  const sums = new Int32Array(inner);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < outputSize; i++) {
      sums.fill(HALF);
      for (let k = 0; k < counts[i]; k++) {
        const weight = weights[i * taps + k];
        const from = (o * inputSize + first[i] + k) * inner;
        for (let c = 0; c < inner; c++) sums[c] += Math.imul(input[from + c], weight);
      }
      const to = (o * outputSize + i) * inner;
      for (let c = 0; c < inner; c++) output[to + c] = toByte(sums[c]);
    }
  }
  return output;
}

/**
 * Resizes an interleaved 8-bit image with an antialiasing filter: half-pixel centres, the kernel
 * widened by the reduction, rows before columns, each pass rounded to 8 bits.
 *
 * Bit for bit the result of PIL's `Image.resize` with BILINEAR or LANCZOS, which is what
 * torchvision's `Resize` does to a PIL image: of Pillow 11 and 12. Pillow 13 takes columns first
 * where the height loses more than twice as many pixels as the width, which changes some values by
 * a grey level. (libvips' reduce, behind sharp's own resize, shrinks in two steps and differs by up
 * to 7 of 255 at 1024 to 256.)
 *
 * @param data height * width * channels bytes
 * @param from the size of `data`
 * @param to the size wanted
 */
export function resample(
  data: Uint8Array,
  from: ImageSize,
  to: ImageSize,
  filter: ResizeFilter = 'bilinear',
): Uint8Array {
  const channels = data.length / (from.height * from.width);
  const kernel = KERNELS[filter];
  let result = data;
  if (to.width !== from.width) {
    result = resampleAxis(result, [from.height, from.width, channels], to.width, kernel);
  }
  if (to.height !== from.height) {
    result = resampleAxis(result, [1, from.height, to.width * channels], to.height, kernel);
  }
  return result;
}
