import { basename } from 'node:path';
import { FileError } from '../files/file-error';
import { largestValueOf, openImage } from './decode';
import { CONCURRENCY, forEachConcurrently } from './image';
import type { Sample } from './sample';
import { isFullRange, rangeInWords, samplesInWords, usualRange } from './value-range';
import type { Samples, ValueRange } from './value-range';

export interface FoundRange {
  /** Null where all images have 8 bits a channel, or a format that says what white is. */
  range: ValueRange | null;
  /** What the user should know of it; null where nothing was chosen. */
  note: string | null;
}

/**
 * The one scale of a data set whose images have more than 8 bits a channel: the smallest of the usual ones (8, 10, 12, 14
 * or 16 bits; for floating-point numbers also 0 to 1) that covers all of them.
 *
 * @param samples the train images
 * @param options.white the value that is white, in place of the smallest that covers all
 * @throws ImageFileError for the first that cannot be used; FileError where they are stored in different ways, or no
 *   usual scale fits
 */
export async function findValueRange(
  samples: readonly Pick<Sample, 'file'>[],
  options: { white?: number; signal?: AbortSignal } = {},
): Promise<FoundRange> {
  const kinds = new Map<Samples, { count: number; example: string; max: number }>();
  await forEachConcurrently(samples.length, CONCURRENCY, async (i) => {
    options.signal?.throwIfAborted();
    const image = await openImage(samples[i].file);
    const max = image.samples === 'uint8' ? 0 : await largestValueOf(image);
    const kind = kinds.get(image.samples) ?? { count: 0, example: image.file, max: 0 };
    kinds.set(image.samples, { ...kind, count: kind.count + 1, max: Math.max(kind.max, max) });
  });
  const deep = [...kinds].flatMap(([samples, kind]) =>
    samples === 'uint8' ? [] : [{ samples, ...kind }],
  );
  const { white } = options;
  if (deep.length === 0) {
    if (white === undefined || white === 255) return { range: null, note: null };
    const [{ example }] = kinds.values();
    throw new FileError(
      example,
      `train images with ${white} as white`,
      '8-bit values, of which it is 255',
    );
  }
  const [{ samples: kind, example, max }] = deep;
  const range = white === undefined ? usualRange(kind, max) : { samples: kind, white };
  if (white !== undefined && max > white) {
    throw new FileError(example, `train images with ${white} as white`, `values up to ${max}`);
  }
  if (kinds.size > 1 && !(deep.length === 1 && isFullRange(range))) {
    const counts = [...kinds].map(
      ([other, { count, example }]) =>
        `${samplesInWords(other)} in ${count} (${basename(example)})`,
    );
    throw new FileError(example, 'train images that are all stored alike', counts.join(', '));
  }
  if (!range) {
    throw new FileError(
      example,
      `${samplesInWords(kind)} on a usual scale; name the value that is white (--white)`,
      `train images whose largest value is ${Number(max.toPrecision(6))}`,
    );
  }
  const note =
    kinds.size > 1
      ? 'Some train images have 16 bits a channel and some 8; of 16 the upper 8 are used.'
      : isFullRange(range)
        ? null
        : `The train images' ${samplesInWords(kind)} go up to ${Number(max.toPrecision(6))}: ` +
          `${rangeInWords(range)}, for every image that the detector sees (--white sets another value).`;
  return { range, note };
}
