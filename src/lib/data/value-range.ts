import { z } from 'zod';

/**
 * How the values of pictures with more than 8 bits a channel become 8 bits: one scale for a whole data set, found from
 * its train images and used for every picture that the detector sees later. A camera of 12 bits leaves the upper four of
 * 16 unused, and floating-point numbers have no white of their own. 8-bit pictures have such a scale only where a white
 * is named: very dark ones are brightened with it before they are resized.
 */
export const valueRangeSchema = z
  .object({
    /** What the pictures' values are stored as. */
    samples: z.enum(['uint8', 'uint16', 'uint32', 'float']),
    /** The value that is white; black is 0. */
    white: z.number().gt(0).finite(),
  })
  .strict();

export type ValueRange = z.infer<typeof valueRangeSchema>;

/** What a picture's values are stored as. 'uint8': also those of other formats that say what white is. */
export type Samples = ValueRange['samples'];

/** Values as they are stored, before any scale. */
export type RawValues = Uint8Array | Uint16Array | Uint32Array | Float32Array;

/** White of the usual cameras: of 8, 10, 12, 14 and 16 bits. */
const INTEGER_WHITES = [255, 1023, 4095, 16383, 65535];

/** White of whole numbers of 32 bits besides those. */
const LONG_WHITES = [2 ** 20 - 1, 2 ** 24 - 1, 2 ** 28 - 1, 2 ** 32 - 1];

/** Of floating-point numbers: of shares, and of values that were whole. */
const FLOAT_WHITES = [1, ...INTEGER_WHITES];

/** 16-bit values below this leave bits unused: no camera has 15. */
const FULL_16_BITS = 2 ** 14;

/** Below this share of white all that there is would be nearly black. */
const NEARLY_BLACK = 1 / 16;

/**
 * The scale that covers such values: the smallest of the usual ones.
 *
 * @param max the largest value of all train images
 * @returns null where none fits: larger than all of them, or next to nothing in the smallest one
 */
export function usualRange(samples: ValueRange['samples'], max: number): ValueRange | null {
  const whites = {
    uint8: [255],
    uint16: INTEGER_WHITES,
    uint32: [...INTEGER_WHITES, ...LONG_WHITES],
    float: FLOAT_WHITES,
  }[samples];
  const white = whites.find((candidate) => candidate >= max);
  return white !== undefined && max >= white * NEARLY_BLACK ? { samples, white } : null;
}

/** "16-bit values", for messages. */
export function samplesInWords(samples: Samples): string {
  const words = {
    uint8: '8-bit values',
    uint16: '16-bit values',
    uint32: '32-bit values',
    float: 'floating-point values',
  };
  return words[samples];
}

/** "12 of 16 bits", "values up to 1": what a scale means, for messages. */
export function rangeInWords({ samples, white }: ValueRange): string {
  const bits = Math.log2(white + 1);
  const all = { uint8: 8, uint16: 16, uint32: 32, float: 0 }[samples];
  return all > 0 && Number.isInteger(bits)
    ? `${bits} of ${all} bits, ${white} is white`
    : `${white} is white`;
}

/** Whether whole numbers of 16 bits use all of them, so that the upper 8 are what an 8-bit picture would have. */
export function isFullRange(range: ValueRange | null): boolean {
  return range?.samples === 'uint16' && range.white === 65535;
}

/** The largest value. @returns what was found where there is one that is no brightness */
export function largestValue(values: RawValues): number | string {
  let max = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!(value >= 0 && value <= Number.MAX_VALUE)) {
      return value < 0 ? `a negative value (${value})` : `${value} as a value`;
    }
    if (value > max) max = value;
  }
  return max;
}

/**
 * What is wrong with a picture's values for a scale, or null.
 *
 * @param samples what the picture's values are stored as
 * @param max its largest value; of 8-bit values it matters for a scale of such alone
 * @param range null: none is known, as for a detector that learnt from 8-bit pictures
 * @returns [expected, found]
 */
export function rangeFault(
  samples: Samples,
  max: number,
  range: ValueRange | null,
): [string, string] | null {
  if (range === null) {
    if (samples === 'uint8' || (samples === 'uint16' && (max === 0 || max >= FULL_16_BITS))) {
      return null;
    }
    const expected =
      samples === 'uint16' ? 'values that use all 16 bits, or 8-bit values' : '8-bit values';
    return [`${expected}; for others a scale is set in training`, found(samples, max)];
  }
  const expected = `${samplesInWords(range.samples)} up to ${range.white}, as the train images have them`;
  if (samples === 'uint8' && range.samples !== 'uint8') {
    return isFullRange(range) ? null : [expected, samplesInWords(samples)];
  }
  return samples === range.samples && max <= range.white ? null : [expected, found(samples, max)];
}

function found(samples: Samples, max: number): string {
  return `${samplesInWords(samples)} up to ${Number(max.toPrecision(6))}`;
}

/**
 * Values as 8 bits. Of whole numbers the upper 8 bits of those that are used (for 12 bits value >> 4), of floating-point
 * numbers the nearest of 255 steps. Values must be within the range.
 *
 * @param channels 1 (repeated in the three channels) or 3
 * @returns RGB, length pixels * 3
 */
export function toRgb8(
  values: RawValues,
  channels: 1 | 3,
  { samples, white }: ValueRange,
): Uint8Array {
  const rgb = new Uint8Array((values.length / channels) * 3);
  const isFloat = samples === 'float';
  const factor = isFloat ? 255 / white : 256 / (white + 1);
  const half = isFloat ? 0.5 : 0;
  let to = 0;
  for (let i = 0; i < values.length; i++) {
    // Floored by the array of bytes. 256 / (white + 1) is exact where white + 1 is a power of two.
    const byte = values[i] * factor + half;
    rgb[to++] = byte;
    if (channels === 1) {
      rgb[to++] = byte;
      rgb[to++] = byte;
    }
  }
  return rgb;
}
