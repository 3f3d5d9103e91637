import { InvalidArgumentError, Option } from 'commander';
import { FITS } from '../lib/data/frame';
import type { Fit } from '../lib/data/frame';
import { parseSize } from '../lib/models/image-size';
import { sizeOf } from '../lib/models/side-or-size';
import type { SideOrSize } from '../lib/models/side-or-size';
import { baselineConfigSchema } from '../lib/training/config';
import type { BaselineConfig } from '../lib/training/config';

/** @throws InvalidArgumentError for anything but a finite number */
export function finiteNumber(text: string): number {
  // Number('') is 0, and nobody means that.
  const number = text.trim() === '' ? NaN : Number(text);
  if (!Number.isFinite(number)) throw new InvalidArgumentError('Expected a number.');
  return number;
}

/** @throws InvalidArgumentError for anything but a finite number of at least 0 */
export function notNegative(text: string): number {
  const number = finiteNumber(text);
  if (number >= 0) return number;
  throw new InvalidArgumentError('Expected a number of at least 0.');
}

/**
 * A rate as people write it: 1/200, 0.5% or .005.
 *
 * @throws InvalidArgumentError for anything else, and unless it is above 0 and below 1
 */
export function rate(text: string): number {
  const [, above, below, isPercent] = /^([^/%]+)(?:\/([^/%]+))?(%)?$/.exec(text.trim()) ?? [];
  const part = (number: string | undefined) => Number(number?.trim() || NaN);
  const value = part(above) / (below === undefined ? 1 : part(below)) / (isPercent ? 100 : 1);
  if (value > 0 && value < 1) return value;
  throw new InvalidArgumentError('Expected a rate above 0 and below 1, such as 1/200 or 0.5%.');
}

/** @throws InvalidArgumentError for anything but a JSON object */
export function jsonObject(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`Expected JSON (${(error as Error).message}).`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new InvalidArgumentError('Expected a JSON object.');
}

/** Makes the parser of an option's value that is a whole number of at least `least`. */
export function wholeNumber(least: number): (value: string) => number {
  return (value) => {
    const number = value.trim() === '' ? NaN : Number(value);
    if (Number.isSafeInteger(number) && number >= least) return number;
    throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`);
  };
}

/** The training settings that are numbers with a default. */
export type NumberSetting = 'epochs' | 'batchSize' | 'learningRate' | 'seed' | 'validationShare';

/** What an option of the command line is called for a setting: `--batch-size`. */
function optionName(setting: keyof BaselineConfig): string {
  return `--${setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** An option for a number of the training's configuration, with its default and its checks. */
export function numberOption(setting: NumberSetting, placeholder: string, text: string): Option {
  const field = baselineConfigSchema.shape[setting];
  const defaultValue = field.parse(undefined);
  return new Option(`${optionName(setting)} <${placeholder}>`, text)
    .default(defaultValue)
    .argParser((value: string) => {
      // Number('') is 0, and nobody means that.
      const number = value.trim() === '' ? NaN : Number(value);
      if (Number.isNaN(number)) throw new InvalidArgumentError('Expected a number.');
      const result = field.safeParse(number);
      if (!result.success) {
        const reasons = result.error.issues.map(({ message }) => `${message}.`);
        throw new InvalidArgumentError(reasons.join(' '));
      }
      return result.data;
    });
}

/** --image-size */
export function imageSizeOption(): Option {
  const field = baselineConfigSchema.shape.imageSize;
  return new Option(
    '--image-size <size>',
    'pixels that images are brought to: a side, or width x height as in 384x256',
  )
    .default(field.parse(undefined))
    .argParser(parseImageSize);
}

function parseImageSize(text: string): SideOrSize {
  const size = parseSize(text);
  if (size === null) {
    throw new InvalidArgumentError('Expected a number, or width x height as in 384x256.');
  }
  const result = baselineConfigSchema.shape.imageSize.safeParse(size);
  if (result.success) return result.data;
  throw new InvalidArgumentError(result.error.issues.map(({ message }) => `${message}.`).join(' '));
}

/** --fit */
export function fitOption(): Option {
  return new Option(
    '--fit <how>',
    'how images of another shape come to it; pad and crop keep their shape, and crop does not look at the border',
  )
    .choices(FITS)
    .default('stretch' satisfies Fit);
}

/** --tile, in place of --image-size */
export function tileOption(): Option {
  return new Option(
    '--tile <size>',
    'for small defects in large images: cut them at their own size into tiles of so many pixels, as --image-size',
  )
    .argParser(parseImageSize)
    .conflicts(['imageSize', 'fit']);
}

/** --overlap */
export function overlapOption(): Option {
  return new Option(
    '--overlap <pixels>',
    'by which tiles overlap at least (default: a quarter of their shorter side)',
  ).argParser(wholeNumber(0));
}

/** The settings that --tile and --overlap stand for. @throws UsageError for an overlap without tiles */
export function tileSettingsOf({ tile, overlap }: { tile?: SideOrSize; overlap?: number }): {
  imageSize?: SideOrSize;
  tileOverlap?: number;
} {
  if (tile === undefined) {
    if (overlap === undefined) return {};
    throw new UsageError('--overlap goes with --tile.');
  }
  const { height, width } = sizeOf(tile);
  return { imageSize: tile, tileOverlap: overlap ?? Math.min(height, width) / 4 };
}

/** What computes the detector. */
export type Runtime = 'tensorflow' | 'onnx';

/** --runtime */
export function runtimeOption(byDefault: Runtime): Option {
  return new Option('--runtime <name>', 'what computes the detector; scores differ by rounding')
    .choices(['tensorflow', 'onnx'] satisfies Runtime[])
    .default(byDefault);
}

/** A command line that makes no sense: reported with a pointer to the help, as exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** --white */
export function whiteOption(): Option {
  return new Option(
    '--white <value>',
    'of images with more than 8 bits a channel (default: 255, 1023, 4095, 16383 or 65535, by the train images), or of very dark ones',
  ).argParser(notNegative);
}

/** --roi */
export function roiOption(): Option {
  return new Option(
    '--roi <path>',
    'all that counts of the images: a mask or polygons for all of them, or a folder of one for each, named like it',
  );
}

/** What is trained when nothing else is asked for. */
export const DEFAULT_CATEGORY = 'bottle';
