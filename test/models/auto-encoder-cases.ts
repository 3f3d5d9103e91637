import type { AutoEncoderConfigInput } from '../../src/lib/models/auto-encoder';
import { readGolden } from '../engine/golden';

export interface GoldenAutoEncoder {
  config: AutoEncoderConfigInput;
  /** Shapes by name. */
  parameters: Record<string, number[]>;
  output: number[];
  inputGradient: number[];
  gradients: Record<string, number[]>;
}

/** As in make_auto_encoder.py. */
export const AUTO_ENCODER_DEPTH = 8;

/** Every option by its name. */
export function readAutoEncoderCases(): Record<string, GoldenAutoEncoder> {
  return readGolden('models', 'auto-encoder.json');
}
