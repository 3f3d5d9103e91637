import { autoEncoderConfigSchema } from '../../src/lib/models/auto-encoder';
import type { AutoEncoders } from '../../src/lib/models/auto-encoder';
import { loadBackbone } from './backbone';

/** The paper's auto-encoders, from a weight file of the benchmark. */
export function loadAutoEncoders(file: string): AutoEncoders {
  return { config: autoEncoderConfigSchema.parse({}), store: loadBackbone(file) };
}
