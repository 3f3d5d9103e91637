import { z } from 'zod';
import { thresholdSchema } from '../anomaly-map/threshold';
import { autoEncoderConfigSchema } from '../models/auto-encoder-config';

/** What an exported detector needs to be used and told apart, beside its graph. Holds no path of any machine. */
export const detectorMetadataSchema = z.object({
  /** Of the data set that it was trained on, e.g. bottle. */
  category: z.string().nullable(),
  /** Side in pixels of the square images that it was trained on; others work where `sideMultiple` allows. */
  imageSize: z.number().int().positive(),
  /** How images were resized to it. */
  resizeFilter: z.enum(['bilinear', 'lanczos3']),
  /** Where the product of Eq. 2 is taken. */
  productResolution: z.enum(['image', 'level1']),
  /** Height and width of the images must be multiples of this, less twice `margin`. */
  sideMultiple: z.number().int().positive(),
  /** What the auto-encoders mirror around the image, in its pixels at level 3. */
  margin: z.number().int().min(0),
  /** Null for a detector without auto-encoders. */
  autoEncoder: autoEncoderConfigSchema.nullable(),
  teacher: z.object({
    kind: z.enum(['file', 'embedded', 'random']),
    /** The weight file's name, or what another teacher is called. */
    name: z.string(),
    /** Of the weight file. */
    sha256: z.string().optional(),
  }),
  /** The epoch that the model comes from; null where that is not known. */
  modelEpoch: z.number().nullable(),
  /** An image whose score is above it is called defective; null for an unfinished run. */
  threshold: thresholdSchema.nullable(),
  /** The training's settings, for the record. */
  config: z.record(z.unknown()).nullable(),
});

export type DetectorMetadata = z.infer<typeof detectorMetadataSchema>;

/** The key of the ONNX file's metadata under which `DetectorMetadata` stands as JSON. */
export const METADATA_KEY = 'stfpm_detector';
