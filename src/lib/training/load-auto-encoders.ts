import { createHash } from 'crypto';
import * as fs from 'fs';
import { isDeepStrictEqual } from 'util';
import { autoEncodersShapes } from '../models/auto-encoders';
import type { AutoEncoderConfig } from '../models/auto-encoder-config';
import { requireArrays } from '../weights/require-arrays';
import { readSafetensors } from '../weights/safetensors';
import type { NamedArrays } from '../weights/tensor-file';
import { trainingConfigSchema } from './config';

export interface AutoEncoderFile {
  arrays: NamedArrays;
  /** Of the whole file. */
  sha256: string;
}

/**
 * The auto-encoders in a model file, of a pre-training run or of a detector.
 *
 * @param config the shape that they must have
 * @throws Error that names the file when it holds others or none
 */
export function readAutoEncoders(file: string, config: AutoEncoderConfig): AutoEncoderFile {
  const { arrays, metadata } = readSafetensors(file);
  if (metadata.config !== undefined) {
    const found = trainingConfigSchema.parse(JSON.parse(metadata.config));
    const shape = found.recipe === 'baseline' ? null : found.autoEncoder;
    if (!isDeepStrictEqual(shape, config)) {
      throw new Error(
        `${file}: expected auto-encoders with ${JSON.stringify(config)}, ` +
          `found ${shape ? JSON.stringify(shape) : 'none'}.`,
      );
    }
  }
  const sha256 = createHash('sha256').update(fs.readFileSync(file)).digest('hex');
  return { arrays: requireArrays(file, arrays, autoEncodersShapes(config)), sha256 };
}
