import { tf } from '../engine/index';
import type { Tensor, Variable } from '../engine/index';
import { toEngineLayout, toTorchLayout } from '../models/layout';
import type { NamedArray, NamedArrays } from '../weights/tensor-file';
import { ofPrefix, withPrefix } from './prefixed';

export interface AdamOptions {
  learningRate: number;
  /** Decoupled from the gradient, as in AdamW (Loshchilov and Hutter, 2019). Default 0. */
  weightDecay?: number;
}

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

const MEAN = 'mean.';
const SQUARE = 'square.';
const STEPS = 'steps';

/**
 * Adam (Kingma and Ba, 2015), as PyTorch's, with its defaults: betas 0.9 and 0.999, epsilon 1e-8 added to the root of
 * the corrected second moment. With a weight decay it is PyTorch's AdamW.
 */
export class Adam {
  private readonly means = new Map<string, Variable>();
  private readonly squares = new Map<string, Variable>();
  private steps = 0;

  constructor(
    private readonly parameters: ReadonlyMap<string, Variable>,
    private readonly options: AdamOptions,
  ) {
    for (const [name, parameter] of parameters) {
      const zeros = () => tf.tidy(() => tf.variable(tf.zerosLike(parameter), false));
      this.means.set(name, zeros());
      this.squares.set(name, zeros());
    }
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
    const rate = learningRate / (1 - BETA1 ** this.steps);
    const decay = 1 - learningRate * (this.options.weightDecay ?? 0);
    const root = 1 / Math.sqrt(1 - BETA2 ** this.steps);
    for (const [name, parameter] of this.parameters) {
      const gradient = gradients.get(name)!;
      const mean = this.means.get(name)!;
      const square = this.squares.get(name)!;
      tf.tidy(() => {
        mean.assign(tf.add(tf.mul(mean, BETA1), tf.mul(gradient, 1 - BETA1)));
        const squared = tf.mul(tf.mul(gradient, gradient), 1 - BETA2);
        square.assign(tf.add(tf.mul(square, BETA2), squared));
        const divisor = tf.add(tf.mul(tf.sqrt(square), root), EPSILON);
        const kept = decay === 1 ? parameter : tf.mul(parameter, decay);
        parameter.assign(tf.sub(kept, tf.mul(tf.div(mean, divisor), rate)));
      });
    }
  }

  /** Both moments by parameter name, in PyTorch's layout, and the number of steps. */
  state(): NamedArrays {
    const arrays = (variables: Map<string, Variable>): NamedArrays =>
      new Map([...variables].map(([name, variable]) => [name, toTorchLayout(variable)]));
    return new Map([
      ...withPrefix(MEAN, arrays(this.means)),
      ...withPrefix(SQUARE, arrays(this.squares)),
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
    const assign = (variables: Map<string, Variable>, arrays: NamedArrays) =>
      tf.tidy(() => {
        for (const [name, variable] of variables) {
          variable.assign(toEngineLayout(arrays.get(name) as NamedArray));
        }
      });
    assign(this.means, ofPrefix(MEAN, state));
    assign(this.squares, ofPrefix(SQUARE, state));
    [this.steps] = (state.get(STEPS) as NamedArray).data;
  }

  dispose(): void {
    for (const variable of [...this.means.values(), ...this.squares.values()]) variable.dispose();
  }
}
