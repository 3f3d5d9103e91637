import type { NamedArrays } from '../weights/tensor-file';
import { Random } from '../random/random';
import { autoEncode, autoEncoderShapes } from './auto-encoder';
import type { AutoEncoderConfig } from './auto-encoder-config';
import { initialiseUniform } from './initialise';
import type { ParameterStore } from './parameter-store';
import { LEVEL_CHANNELS } from './pyramid-levels';
import type { FeaturePyramid } from './resnet18';

/** The auto-encoders of the three levels: one shape, three sizes, in one store. */
export interface AutoEncoders {
  config: AutoEncoderConfig;
  /** Parameters named `autoencoder1.down1.conv1.weight` and so on. */
  store: ParameterStore;
}

/** What the names of a level's auto-encoder begin with. @param level from 0 */
export function autoEncoderPrefix(level: number): string {
  return `autoencoder${level + 1}.`;
}

/** Every array of the three auto-encoders by name, with its shape in PyTorch's layout. */
export function autoEncodersShapes(config: AutoEncoderConfig): Map<string, number[]> {
  return new Map(
    LEVEL_CHANNELS.flatMap((depth, level) =>
      [...autoEncoderShapes(config, depth)].map(
        ([name, shape]) => [autoEncoderPrefix(level) + name, shape] as const,
      ),
    ),
  );
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
