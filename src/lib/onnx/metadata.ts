import { z } from 'zod';
import { thresholdSchema } from '../anomaly-map/threshold';
import { FITS } from '../data/frame';
import { regionOfInterestSchema } from '../data/region-of-interest';
import { valueRangeSchema } from '../data/value-range';
import { FileError } from '../files/file-error';
import { autoEncoderConfigSchema } from '../models/auto-encoder';
import { decodeHeader } from './messages';
import type { ModelHeader } from './messages';

/** How a detector's networks came to be computed in 8-bit integers, and what that changes. */
const quantisationSchema = z.object({
  /** Of each weight; activations have 8. */
  weightBits: z.number().int(),
  /** The good pictures that the activations' ranges were taken from, and that the changes were measured on. */
  calibration: z.object({
    images: z.number().int().positive(),
    source: z.enum(['held-out', 'train', 'given']),
  }),
  /** Parts of the networks that are still computed in float32. */
  floatParts: z.array(z.string()),
  /** The most that the score of one of these pictures was to change, as a share of the float32 score. */
  maxChange: z.number().positive(),
  change: z.object({
    /** The largest and the mean change of a score, as a share of the float32 score. */
    largest: z.number(),
    mean: z.number(),
    /** Spearman's, of the scores; null where it is not defined. */
    rankCorrelation: z.number().nullable(),
    /** How many verdicts are others, each by its own threshold; null without one. */
    flips: z.number().int().nullable(),
  }),
});

export type Quantisation = z.infer<typeof quantisationSchema>;

const side = z.number().int().positive();

/** What an exported detector needs to be used and told apart, besides its graph. Holds no path of any machine. */
const detectorMetadataSchema = z.object({
  /** Of the data set that it was trained on, e.g. bottle. */
  category: z.string().nullable(),
  /** Side of the square images that it was trained on, or height and width; others work where `sideMultiple` allows. */
  imageSize: z.union([side, z.object({ height: side, width: side })]),
  /** How pictures come to that size. Files from before there was a choice: stretched. */
  fit: z.enum(FITS).default('stretch'),
  /**
   * Of a detector that judges pictures tile by tile, at their own resolution: the pixels by which tiles, of `imageSize`,
   * overlap at least. Null: it sees pictures whole.
   */
  tileOverlap: z.number().int().min(0).nullable().default(null),
  /** How images were resized to it. */
  resizeFilter: z.enum(['bilinear', 'lanczos3']),
  /**
   * How values of more than 8 bits became the 8 bits that the graph takes, see `toRgb8`. Null, or absent: images of 8
   * bits are expected.
   */
  valueRange: valueRangeSchema.nullable().optional(),
  /**
   * What counts of the pictures, at their own size: a region for all of them, or, where each needs one of its own, that it
   * does. Null, or absent: all counts. The graph knows nothing of it.
   */
  roi: regionOfInterestSchema.nullable().optional(),
  /** Where the product of Eq. 2 is taken. */
  productResolution: z.enum(['image', 'level1']),
  /** Height and width of the images must be multiples of this, less twice `margin`. */
  sideMultiple: z.number().int().positive(),
  /** The width, in pixels of the image, of the border that the auto-encoders mirror around level 3. */
  margin: z.number().int().min(0),
  /** Null for a detector without auto-encoders. */
  autoEncoder: autoEncoderConfigSchema.nullable(),
  teacher: z.object({
    kind: z.enum(['file', 'embedded', 'random', 'none']),
    /** The weight file's name, or what another teacher is called. */
    name: z.string(),
    /** Of the weight file. */
    sha256: z.string().optional(),
  }),
  /** The epoch that the model comes from; null where that is not known. */
  modelEpoch: z.number().nullable(),
  /** An image whose score is above it is called defective; null where none was set. */
  threshold: thresholdSchema.nullable(),
  /** What the networks are computed in; all behind their features is float32. */
  precision: z.enum(['float32', 'int8']).default('float32'),
  /** Null in float32. */
  quantisation: quantisationSchema.nullable().default(null),
  /** The training's settings, for the record. */
  config: z.record(z.unknown()).nullable(),
});

export type DetectorMetadata = z.infer<typeof detectorMetadataSchema>;
/** The same as it is written: what has a default may be left out. */
export type DetectorDescription = z.input<typeof detectorMetadataSchema>;

/**
 * The version of the metadata that this lab writes as `formatVersion` at most, and the highest that it reads, see
 * `docs/file-formats.md`. Files that do not say are of version 1. It rises when a reader of the version
 * before would get wrong what it reads; a field that such a reader can do without leaves it as it is.
 */
export const METADATA_VERSION = 3;

/** The lowest version that reads a detector right: before 2, pictures were stretched as a whole, before 3, all of them counted. */
export function metadataVersionOf({
  fit = 'stretch',
  tileOverlap = null,
  roi = null,
}: Pick<DetectorDescription, 'fit' | 'tileOverlap' | 'roi'>): number {
  if (roi !== null) return 3;
  return fit === 'stretch' && tileOverlap === null ? 1 : 2;
}

/** The key of the ONNX file's metadata under which `DetectorMetadata` stands as JSON. */
export const METADATA_KEY = 'stfpm_detector';

/**
 * What an exported detector says of itself.
 *
 * @param file what errors call it
 * @throws OnnxFileError when the bytes are not an ONNX file, or one that is not an exported detector
 */
export function readDetectorMetadata(bytes: Uint8Array, file: string): DetectorMetadata {
  const { metadataProps } = readHeader(bytes, file);
  const text = metadataProps.find(({ key }) => key === METADATA_KEY)?.value;
  if (text === undefined) {
    throw new OnnxFileError(
      file,
      `a detector exported by \`stfpm export\`, with "${METADATA_KEY}" in its metadata`,
      'an ONNX file without it',
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new OnnxFileError(file, `JSON as "${METADATA_KEY}"`, (cause as Error).message, { cause });
  }
  const { formatVersion = 1 } = (value ?? {}) as { formatVersion?: unknown };
  if (typeof formatVersion === 'number' && formatVersion > METADATA_VERSION) {
    throw new OnnxFileError(
      file,
      `metadata of version ${METADATA_VERSION}`,
      `version ${formatVersion}, which a later stfpm-lab has written`,
    );
  }
  const result = detectorMetadataSchema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new OnnxFileError(file, `a detector's description as "${METADATA_KEY}"`, faults.join('; '));
}

function readHeader(bytes: Uint8Array, file: string): ModelHeader {
  const found = `${bytes.length} bytes of something else, or cut short`;
  let header: ModelHeader;
  try {
    header = decodeHeader(bytes);
  } catch (cause) {
    throw new OnnxFileError(file, 'an ONNX file', found, { cause });
  }
  // Bytes of another kind may happen to be a message without any field that is known here.
  if (header.irVersion < 1 || header.opsetImport.length === 0) {
    throw new OnnxFileError(file, 'an ONNX file', found);
  }
  return header;
}

/** An ONNX file that cannot be used: names the file, what was expected of it and what was found. */
export class OnnxFileError extends FileError {
  override name = 'OnnxFileError';
}
