import { statSync } from 'node:fs';
import { median } from 'simple-statistics';
import { sha256OfAll } from '../files/sha256';
import { FileError, ImageFileError } from '../files/file-error';
import { decode, largestValueOf, openImage } from './decode';
import { findValueRange } from './find-value-range';
import { CONCURRENCY, forEachConcurrently } from './image';
import type { RgbImage } from './image';
import { resample } from './resample';
import type { Sample } from './sample';
import { loadSharp } from './sharp';
import type { ValueRange } from './value-range';

/** What can be said of a picture by looking at it alone. */
export interface InspectedImage {
  file: string;
  /** 'train', 'held-out' or 'test'. */
  role: string;
  defect: string;
  /** Null for a picture that cannot be read; then `error` says why. */
  look: ImageLook | null;
  error?: string;
  sha256: string;
}

export interface ImageLook {
  width: number;
  height: number;
  /** For example 'png', with the bits that the file holds a channel, and its channels. */
  format: string;
  bits: number | null;
  channels: number | null;
  /** Mean grey value, 0 to 255. */
  brightness: number;
  /**
   * Root mean square of the Laplacian at the working size over the standard deviation of the grey values: small where a
   * picture is blurred, whatever its brightness; null for a picture without contrast.
   */
  sharpness: number | null;
  /** Correlation with the middle picture of the good ones, -1 to 1; null for a picture without contrast. */
  likeness: number | null;
  /** Whether it holds two values alone, as masks do. */
  isBinary: boolean;
  /** For contact sheets, at most 128 pixels a side. */
  thumbnail: RgbImage;
}

/** Why a person should look at a picture. */
export type Oddity =
  | 'unreadable'
  | 'dark'
  | 'bright'
  | 'blurred'
  | 'framed differently'
  | 'another size'
  | 'like a mask';

export interface Inspection {
  images: InspectedImage[];
  /** By kind, as indices of images. */
  oddities: Partial<Record<Oddity, number[]>>;
  /** Groups of pictures with the same content, as indices. */
  copies: number[][];
  /** Pairs of pictures that are far more alike than others are, as indices, with the RMS difference in grey values. */
  nearCopies: { a: number; b: number; difference: number }[];
}

export interface InspectOptions {
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/** Side that brightness, sharpness and framing are looked at. */
const WORKING_SIDE = 256;
const GREY_SIDE = 32;
const THUMBNAIL = 128;

/**
 * Looks at pictures before anything is trained on them. What is unusual is unusual among the good ones: brightness,
 * sharpness and likeness to their middle picture are compared by median and median deviation, so that a few bad pictures
 * do not hide each other.
 */
export async function inspectImages(
  samples: readonly (Pick<Sample, 'file' | 'defect'> & { role: string })[],
  { signal, onProgress }: InspectOptions = {},
): Promise<Inspection> {
  const greys: (Float32Array | null)[] = samples.map(() => null);
  const looks: InspectedImage[] = [];
  const sums = await sha256OfAll(
    samples.map(({ file }) => file),
    { signal },
  );
  const range = await rangeOfReadable(samples, signal);
  let done = 0;
  await forEachConcurrently(samples.length, CONCURRENCY, async (i) => {
    signal?.throwIfAborted();
    const { file, role, defect } = samples[i];
    const common = { file, role, defect, sha256: sums[i] };
    try {
      const { grey, ...look } = await lookAt(file, range);
      greys[i] = grey;
      looks[i] = { ...common, look: { ...look, likeness: null } };
    } catch (error) {
      if (!(error instanceof ImageFileError)) throw error;
      looks[i] = {
        ...common,
        look: null,
        error: `expected ${error.expected}, found ${error.found}`,
      };
    }
    onProgress?.(++done, samples.length);
  });
  const isGood = (i: number) => looks[i].defect === 'good' && greys[i] !== null;
  const good = looks.map((_, i) => i).filter(isGood);
  const middle = middleOf(good.map((i) => greys[i]!));
  looks.forEach(({ look }, i) => {
    if (look && middle) look.likeness = correlation(greys[i]!, middle);
  });
  const copies = copiesOf(looks);
  return {
    images: looks,
    oddities: odditiesOf(looks, good),
    copies,
    nearCopies: nearCopiesOf(greys, looks),
  };
}

/** The scale of those with more than 8 bits a channel, by the good ones that can be read; null where there is none. */
async function rangeOfReadable(
  samples: readonly Pick<Sample, 'file' | 'defect'>[],
  signal: AbortSignal | undefined,
): Promise<ValueRange | null> {
  const isReadable = samples.map(() => false);
  await forEachConcurrently(samples.length, CONCURRENCY, async (i) => {
    signal?.throwIfAborted();
    try {
      const image = await openImage(samples[i].file);
      if (image.samples !== 'uint8') await largestValueOf(image);
      isReadable[i] = true;
    } catch (error) {
      if (!(error instanceof ImageFileError)) throw error;
    }
  });
  const good = samples.filter(({ defect }, i) => isReadable[i] && defect === 'good');
  try {
    return good.length > 0 ? (await findValueRange(good, { signal })).range : null;
  } catch (error) {
    // Stored in several ways, which the formats show; those that need a scale are named one by one.
    if (error instanceof FileError) return null;
    throw error;
  }
}

async function lookAt(file: string, range: ValueRange | null) {
  const opened = await openImage(file);
  const pixels = await decode(opened, 8, opened.samples === 'uint8' ? null : range);
  const { width, height, format } = opened;
  const scale = Math.min(1, WORKING_SIDE / Math.max(width, height));
  const size = {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
  const small = resample(pixels, opened, size);
  const grey = greyOf(small);
  const fit = Math.min(1, THUMBNAIL / Math.max(size.width, size.height));
  const thumbnailSize = {
    width: Math.max(1, Math.round(size.width * fit)),
    height: Math.max(1, Math.round(size.height * fit)),
  };
  const side = { width: GREY_SIDE, height: GREY_SIDE };
  return {
    width,
    height,
    format,
    ...(await depthOf(opened.bytes, format)),
    brightness: grey.reduce((sum, value) => sum + value, 0) / grey.length,
    sharpness: sharpnessOf(grey, size.width),
    isBinary: hasTwoValues(pixels),
    thumbnail: { ...thumbnailSize, data: resample(small, size, thumbnailSize) },
    grey: greyOf(resample(small, size, side)),
  };
}

const BITS: Readonly<Record<string, number>> = {
  uchar: 8,
  char: 8,
  ushort: 16,
  short: 16,
  uint: 32,
  int: 32,
  float: 32,
  double: 64,
};

async function depthOf(bytes: Buffer, format: string) {
  if (format === 'bmp' || format === 'netpbm') return { bits: null, channels: null };
  const { depth, channels, bitsPerSample } = await loadSharp()(bytes).metadata();
  return { bits: bitsPerSample ?? BITS[depth ?? ''] ?? null, channels: channels ?? null };
}

function greyOf(rgb: Uint8Array): Float32Array {
  return Float32Array.from(
    { length: rgb.length / 3 },
    (_, i) => 0.299 * rgb[3 * i] + 0.587 * rgb[3 * i + 1] + 0.114 * rgb[3 * i + 2],
  );
}

function sharpnessOf(grey: Float32Array, width: number): number | null {
  const mean = grey.reduce((all, value) => all + value, 0) / grey.length;
  const contrast = Math.sqrt(
    grey.reduce((all, value) => all + (value - mean) ** 2, 0) / grey.length,
  );
  let [sum, count] = [0, 0];
  for (let i = width; i < grey.length - width; i++) {
    const x = i % width;
    if (x === 0 || x === width - 1) continue;
    const value = 4 * grey[i] - grey[i - 1] - grey[i + 1] - grey[i - width] - grey[i + width];
    sum += value * value;
    count++;
  }
  return count === 0 || contrast < 1 ? null : Math.sqrt(sum / count) / contrast;
}

/**
 * Pictures of two grey values alone, as masks have: files that should not lie among images. Only those are decoded that are
 * far smaller than the others, as such pictures are.
 */
export async function masksAmong(files: readonly string[]): Promise<string[]> {
  if (files.length === 0) return [];
  const bytes = files.map((file) => statSync(file).size);
  const usual = median(bytes);
  const found: string[] = [];
  for (const [i, file] of files.entries()) {
    if (bytes[i] > usual / 4) continue;
    try {
      if (hasTwoValues(await decode(await openImage(file)))) found.push(file);
    } catch (error) {
      // Named where it is read.
      if (!(error instanceof ImageFileError)) throw error;
    }
  }
  return found;
}

/** Whether there are two grey values alone. */
function hasTwoValues(rgb: Uint8Array): boolean {
  let other = -1;
  for (let i = 0; i < rgb.length; i += 3) {
    const value = rgb[i];
    if (value !== rgb[i + 1] || value !== rgb[i + 2]) return false;
    if (value === rgb[0] || value === other) continue;
    if (other >= 0) return false;
    other = value;
  }
  return other >= 0;
}

function middleOf(greys: readonly Float32Array[]): Float32Array | null {
  if (greys.length < 3) return null;
  return Float32Array.from({ length: greys[0].length }, (_, i) =>
    median(greys.map((grey) => grey[i])),
  );
}

/** Pearson's; null without contrast. */
function correlation(a: Float32Array, b: Float32Array): number | null {
  const mean = (values: Float32Array) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] - meanA, b[i] - meanB];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa > 1e-3 * a.length && bb > 1e-3 * b.length ? ab / Math.sqrt(aa * bb) : null;
}

/** How far out a value lies: in standard deviations of a normal distribution, which the median deviation gives. */
const UNUSUAL = 6;

/** @param least a deviation that nobody would call unusual, whatever the others are */
function outliers(values: ReadonlyMap<number, number>, good: readonly number[], least: number) {
  const usual = good.flatMap((i) => values.get(i) ?? []);
  if (usual.length < 5) return { low: [], high: [] };
  const middle = median(usual);
  const deviation = 1.4826 * median(usual.map((value) => Math.abs(value - middle)));
  const limit = Math.max(UNUSUAL * deviation, least);
  const beyond = (sign: 1 | -1) =>
    [...values].filter(([, value]) => sign * (value - middle) > limit).map(([i]) => i);
  return { low: beyond(-1), high: beyond(1) };
}

function odditiesOf(
  images: readonly InspectedImage[],
  good: readonly number[],
): Inspection['oddities'] {
  const of = (value: (look: ImageLook) => number | null) => {
    const known = images.flatMap(({ look }, i): [number, number][] => {
      const found = look && value(look);
      return found === null ? [] : [[i, found]];
    });
    return new Map(known);
  };
  const brightness = outliers(
    of((look) => look.brightness),
    good,
    10,
  );
  // In halvings: a picture of a fifth less is not blurred.
  const sharpness = outliers(
    of(({ sharpness }) => sharpness && Math.log2(sharpness)),
    good,
    0.7,
  );
  const likeness = outliers(
    of(({ likeness: value }) => value),
    good,
    0.05,
  );
  const sizes = new Map<string, number[]>();
  images.forEach(({ look }, i) => {
    if (!look) return;
    const size = `${look.width} x ${look.height}`;
    sizes.set(size, [...(sizes.get(size) ?? []), i]);
  });
  const most = [...sizes.values()].sort((a, b) => b.length - a.length)[0] ?? [];
  const isOdd = images.length >= 5 && most.length > images.length / 2;
  const found: Record<Oddity, number[]> = {
    unreadable: images.flatMap(({ look }, i) => (look ? [] : i)),
    dark: brightness.low,
    bright: brightness.high,
    blurred: sharpness.low,
    // A defect is unlike the good ones by itself.
    'framed differently': likeness.low.filter((i) => images[i].defect === 'good'),
    'another size': isOdd
      ? images.flatMap(({ look }, i) => (!look || most.includes(i) ? [] : i))
      : [],
    'like a mask': images.flatMap(({ look }, i) => (look?.isBinary ? i : [])),
  };
  return Object.fromEntries(Object.entries(found).filter(([, list]) => list.length > 0));
}

function copiesOf(images: readonly InspectedImage[]): number[][] {
  const byContent = new Map<string, number[]>();
  images.forEach(({ sha256 }, i) => byContent.set(sha256, [...(byContent.get(sha256) ?? []), i]));
  return [...byContent.values()].filter((copies) => copies.length > 1);
}

/** A pair is near where it differs by less than this share of what a picture differs from those that are like it. */
const NEAR = 0.5;

/** Those that are like a picture: this share of the others, so that copies themselves do not say what is usual. */
const LIKE = 0.1;

/** Pictures that say what is usual, at most. */
const USUAL = 200;

function nearCopiesOf(
  greys: readonly (Float32Array | null)[],
  images: readonly InspectedImage[],
): Inspection['nearCopies'] {
  const known = greys.flatMap((grey, i) => (grey ? [{ grey, i }] : []));
  if (known.length < 5) return [];
  const step = Math.ceil(known.length / USUAL);
  const usual = known
    .filter((_, k) => k % step === 0)
    .map(({ grey, i }) => {
      const others = known.filter((other) => other.i !== i);
      const distances = others
        .map((other) => rms(grey, other.grey, Infinity)!)
        .sort((a, b) => a - b);
      return distances[
        Math.min(distances.length - 1, Math.max(2, Math.round(LIKE * distances.length)))
      ];
    });
  const limit = NEAR * median(usual);
  const near: Inspection['nearCopies'] = [];
  known.forEach((a, k) => {
    for (const b of known.slice(k + 1)) {
      if (images[a.i].sha256 === images[b.i].sha256) continue;
      const difference = rms(a.grey, b.grey, limit);
      if (difference !== null && difference < limit) near.push({ a: a.i, b: b.i, difference });
    }
  });
  return near.sort((a, b) => a.difference - b.difference);
}

/** Root mean square difference; null as soon as it must be above the limit. */
function rms(a: Float32Array, b: Float32Array, limit: number): number | null {
  const most = limit * limit * a.length;
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = a[i] - b[i];
    sum += difference * difference;
    if (sum > most) return null;
  }
  return Math.sqrt(sum / a.length);
}
