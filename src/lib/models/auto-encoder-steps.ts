import { tf } from '../engine/index';
import type { NamedArray } from '../weights/tensor-file';
import { autoEncode, autoEncoderShapes } from './auto-encoder';
import type { StepKind } from './auto-encoder';
import type { AutoEncoderConfig } from './auto-encoder-config';
import { ParameterStore } from './parameter-store';

/** One step of an auto-encoder's forward pass. */
export interface AutoEncoderStep {
  kind: StepKind;
  /** In words, e.g. "down 1: 2 convolutions 3 × 3". */
  name: string;
  /** Of what comes out of it, for one image. */
  shape: [height: number, width: number, channels: number];
  /** How many numbers the step itself learns. */
  parameters: number;
}

/**
 * The shapes of an auto-encoder (paper, Fig. 2), step by step: taken from a forward pass, so that they are the model's.
 *
 * @param depth d of its level
 * @param side of the level's square features
 * @throws RangeError where `autoEncode` throws
 */
export function autoEncoderSteps(
  config: AutoEncoderConfig,
  depth: number,
  side: number,
): AutoEncoderStep[] {
  const shapes = autoEncoderShapes(config, depth);
  const arrays = [...shapes].map(([name, shape]): [string, NamedArray] => [
    name,
    { shape, data: new Float32Array(sizeOf(shape)) },
  ]);
  const parametersOf = (names: string): number =>
    [...shapes].reduce(
      (sum, [name, shape]) => sum + (name.startsWith(names) ? sizeOf(shape) : 0),
      0,
    );
  const steps: AutoEncoderStep[] = [];
  const store = ParameterStore.fromArrays(new Map(arrays));
  try {
    tf.tidy(() => {
      autoEncode(
        store,
        tf.zeros([1, side, side, depth]),
        config,
        '',
        (kind, name, names, output) => {
          const [, height, width, channels] = output.shape;
          const parameters = names === null ? 0 : parametersOf(names);
          steps.push({ kind, name, shape: [height, width, channels], parameters });
        },
      );
    });
  } finally {
    store.dispose();
  }
  return steps;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
