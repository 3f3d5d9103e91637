import type { NamedArrays } from '../weights/tensor-file';
import { Random } from '../random/random';
import { autoEncode } from './auto-encoder';
import type { AutoEncoderConfig } from './auto-encoder-config';
import { autoEncoderPrefix, autoEncodersShapes } from './auto-encoder-shapes';
import { initialiseUniform } from './initialise-uniform';
import type { ParameterStore } from './parameter-store';
import type { FeaturePyramid } from './resnet18';

export { autoEncoderPrefix, autoEncodersShapes } from './auto-encoder-shapes';

/** The auto-encoders of the three levels: one shape, three sizes, in one store. */
export interface AutoEncoders {
  config: AutoEncoderConfig;
  /** Parameters named `autoencoder1.down1.conv1.weight` and so on. */
  store: ParameterStore;
}

/** Untrained auto-encoders, as PyTorch makes them: uniform within 1 / sqrt(fan_in). */
export function initialiseAutoEncoders(config: AutoEncoderConfig, random: Random): NamedArrays {
  return initialiseUniform(autoEncodersShapes(config), random);
}

/** R_s = A(F_s), level by level (paper, section 3). */
export function reconstruct(
  { store, config }: AutoEncoders,
  pyramid: FeaturePyramid,
): FeaturePyramid {
  return pyramid.map((features, level) =>
    autoEncode(store, features, config, autoEncoderPrefix(level)),
  ) as FeaturePyramid;
}
