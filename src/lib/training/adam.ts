import { ResourceVariable, tf } from '../engine/index';
import type { AdamScalars, Tensor, Variable } from '../engine/index';
import { toEngineLayout } from '../models/layout';
import type { NamedArray, NamedArrays } from '../weights/tensor-file';
import { ofPrefix, withPrefix } from './prefixed';
import { resourceArray } from './resource-array';

export interface AdamOptions {
  learningRate: number;
  /** Decoupled from the gradient, as in AdamW (Loshchilov and Hutter, 2019). Default 0. */
  weightDecay?: number;
}

const BETA1 = 0.9;
const BETA2 = 0.999;
const ADAM_EPSILON = 1e-8;

const MEAN = 'mean.';
const SQUARE = 'square.';
const STEPS = 'steps';

interface Moments {
  mean: ResourceVariable;
  square: ResourceVariable;
}

/**
 * Adam (Kingma and Ba, 2015), as PyTorch's, with its defaults: betas 0.9 and 0.999, epsilon 1e-8 added to the root of
 * the corrected second moment. With a weight decay it is PyTorch's AdamW.
 */
export class Adam {
  private readonly moments = new Map<string, Moments>();
  /** What the fused op updates; the parameters get its value after each step. */
  private readonly values = new Map<string, ResourceVariable>();
  private steps = 0;

  constructor(
    private readonly parameters: ReadonlyMap<string, Variable>,
    private readonly options: AdamOptions,
  ) {
    tf.tidy(() => {
      for (const [name, parameter] of parameters) {
        const zeros = () => new ResourceVariable(tf.zerosLike(parameter));
        this.moments.set(name, { mean: zeros(), square: zeros() });
        this.values.set(name, new ResourceVariable(parameter));
      }
    });
  }

  /**
   * @param gradients by the parameters' names; each must be there
   * @param learningRate of this step, for a schedule
   */
  step(
    gradients: ReadonlyMap<string, Tensor>,
    learningRate: number = this.options.learningRate,
  ): void {
    for (const name of this.parameters.keys()) {
      if (!gradients.has(name)) throw new Error(`No gradient for the parameter "${name}".`);
    }
    this.steps++;
    const decay = 1 - learningRate * (this.options.weightDecay ?? 0);
    const root = Math.sqrt(1 - BETA2 ** this.steps);
    tf.tidy(() => {
      const scalars: AdamScalars = {
        rate: tf.scalar((learningRate * root) / (1 - BETA1 ** this.steps)),
        betas: [tf.scalar(BETA1), tf.scalar(BETA2)],
        // The op adds its epsilon to the root of the second moment before the correction, PyTorch afterwards.
        epsilon: tf.scalar(ADAM_EPSILON * root),
        zero: tf.scalar(0),
      };
      for (const [name, parameter] of this.parameters) {
        const { mean, square } = this.moments.get(name)!;
        const value = this.values.get(name)!;
        value.assign(decay === 1 ? parameter : tf.mul(parameter, decay));
        value.applyAdam([mean, square], gradients.get(name)!, scalars);
        parameter.assign(value.read());
      }
    });
  }

  /** Both moments by parameter name, in PyTorch's layout, and the number of steps. */
  state(): NamedArrays {
    const arrays = (moment: keyof Moments): NamedArrays =>
      new Map([...this.moments].map(([name, moments]) => [name, resourceArray(moments[moment])]));
    return new Map([
      ...withPrefix(MEAN, arrays('mean')),
      ...withPrefix(SQUARE, arrays('square')),
      [STEPS, { shape: [1], data: Float32Array.of(this.steps) }],
    ]);
  }

  /** Sets what `state` gave. Throws, before anything is changed, when an array is missing or has another shape. */
  restore(state: NamedArrays): void {
    for (const [name, { shape }] of this.state()) {
      const found = state.get(name)?.shape;
      if (found?.join() !== shape.join()) {
        throw new Error(
          `Adam's "${name}" should have shape [${shape.join(', ')}], ` +
            `found ${found ? `[${found.join(', ')}]` : 'nothing'}.`,
        );
      }
    }
    const assign = (moment: keyof Moments, arrays: NamedArrays) =>
      tf.tidy(() => {
        for (const [name, moments] of this.moments) {
          moments[moment].assign(toEngineLayout(arrays.get(name) as NamedArray));
        }
      });
    assign('mean', ofPrefix(MEAN, state));
    assign('square', ofPrefix(SQUARE, state));
    [this.steps] = (state.get(STEPS) as NamedArray).data;
  }

  dispose(): void {
    for (const { mean, square } of this.moments.values()) {
      mean.dispose();
      square.dispose();
    }
    for (const value of this.values.values()) value.dispose();
  }
}
