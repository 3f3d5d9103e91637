import { add, halfSquaredNorm, multiply, ResourceVariable, tf } from '../engine/index';
import type { AdamScalars, Scalar, Tensor, Variable } from '../engine/index';
import { toEngineLayout, toTorchLayout } from '../models/parameter-store';
import type { NamedArray, NamedArrays } from '../weights/named-arrays';
import { ofPrefix, withPrefix } from './recipe';

/**
 * The loss and its gradient with respect to each parameter, by the parameters' names.
 *
 * @param loss builds the scalar from the parameters; whatever else it makes is disposed of
 */
export function gradientsOf(
  loss: () => Scalar,
  parameters: ReadonlyMap<string, Variable>,
): { value: number; gradients: Map<string, Tensor>; dispose(): void } {
  const { value, grads } = tf.variableGrads(loss, [...parameters.values()]);
  const gradients = new Map(
    [...parameters].map(([name, variable]) => [name, grads[variable.name]]),
  );
  const number = value.dataSync<'float32'>()[0];
  value.dispose();
  return { value: number, gradients, dispose: () => tf.dispose(grads) };
}

/** Added to the norm, as in PyTorch's `clip_grad_norm_`. */
const CLIP_EPSILON = 1e-6;

export interface Clipping {
  /** Length of all gradients as one vector. */
  norm: number;
  /** What every gradient is to be multiplied by: 1 if the norm is within bounds. */
  scale: number;
}

/** How far gradients must be shortened together, so that their global l2 norm is at most `maxNorm`. */
export function clipping(gradients: Iterable<Tensor>, maxNorm: number): Clipping {
  const norm = tf.tidy(() => {
    const halves = [...gradients].map(halfSquaredNorm);
    const [sum] = (tf.addN(halves) as Scalar).dataSync<'float32'>();
    return Math.sqrt(2 * sum);
  });
  return { norm, scale: Math.min(1, maxNorm / (norm + CLIP_EPSILON)) };
}

export interface SgdOptions {
  learningRate: number;
  momentum: number;
  /** Added to the gradient as weightDecay x parameter (coupled, as in PyTorch's SGD). */
  weightDecay: number;
}

/**
 * Stochastic gradient descent with momentum, as PyTorch's: v = momentum v + (gradient + weightDecay p);
 * p = p - learningRate v. The first step's v is its gradient. Every parameter decays, batch norms too.
 */
export class Sgd {
  private readonly velocities = new Map<string, ResourceVariable>();
  /** What the fused op updates; the parameters get its value after each step. */
  private readonly values = new Map<string, ResourceVariable>();

  constructor(
    private readonly parameters: ReadonlyMap<string, Variable>,
    private readonly options: SgdOptions,
  ) {
    tf.tidy(() => {
      for (const [name, parameter] of parameters) {
        this.velocities.set(name, new ResourceVariable(tf.zerosLike(parameter)));
        this.values.set(name, new ResourceVariable(parameter));
      }
    });
  }

  /**
   * @param gradients by the parameters' names in this optimiser; each must be there
   * @param scale what gradients are multiplied by before weight decay is added: the clipping factor
   * @param learningRate of this step, for a schedule
   */
  step(
    gradients: ReadonlyMap<string, Tensor>,
    scale = 1,
    learningRate: number = this.options.learningRate,
  ): void {
    const { momentum, weightDecay } = this.options;
    requireGradients(this.parameters, gradients);
    const scalars = {
      rate: tf.scalar(learningRate),
      momentum: tf.scalar(momentum),
      decay: tf.scalar(weightDecay),
      scale: tf.scalar(scale),
    };
    tf.tidy(() => {
      for (const [name, parameter] of this.parameters) {
        const gradient = gradients.get(name)!;
        const value = this.values.get(name)!;
        const scaled = scale === 1 ? gradient : multiply(gradient, scalars.scale);
        const decayed =
          weightDecay === 0 ? scaled : add(scaled, multiply<Tensor>(parameter, scalars.decay));
        value.assign(parameter);
        value.applyMomentum(this.velocities.get(name)!, decayed, scalars);
        parameter.assign(value.read());
      }
    });
    tf.dispose(Object.values(scalars));
  }

  /** The velocities by parameter name, in PyTorch's layout. */
  state(): NamedArrays {
    return new Map([...this.velocities].map(([name, velocity]) => [name, resourceArray(velocity)]));
  }

  /** Restores what `state` returned. Throws, before anything is changed, when a velocity is missing or has another shape. */
  restore(state: NamedArrays): void {
    requireSameShapes(this.state(), state, 'The velocity of ');
    tf.tidy(() => {
      for (const [name, velocity] of this.velocities) {
        velocity.assign(toEngineLayout(state.get(name) as NamedArray));
      }
    });
  }

  dispose(): void {
    for (const variable of [...this.velocities.values(), ...this.values.values()])
      variable.dispose();
  }
}

export interface AdamOptions {
  learningRate: number;
  /** Decoupled from the gradient, as in AdamW (Loshchilov and Hutter, 2019). Default 0. */
  weightDecay?: number;
  /** How much of the gradients' running mean a step keeps. Default 0.9; GANs take 0.5 (Radford et al., 2016). */
  beta1?: number;
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
    requireGradients(this.parameters, gradients);
    this.steps++;
    const { weightDecay = 0, beta1 = BETA1 } = this.options;
    const decay = 1 - learningRate * weightDecay;
    const root = Math.sqrt(1 - BETA2 ** this.steps);
    tf.tidy(() => {
      const scalars: AdamScalars = {
        rate: tf.scalar((learningRate * root) / (1 - beta1 ** this.steps)),
        betas: [tf.scalar(beta1), tf.scalar(BETA2)],
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

  /** Restores what `state` returned. Throws, before anything is changed, when an array is missing or has another shape. */
  restore(state: NamedArrays): void {
    requireSameShapes(this.state(), state, "Adam's ");
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

/** A copy of the value in PyTorch's layout, ready for a weight file. */
function resourceArray(variable: ResourceVariable): NamedArray {
  const value = variable.read();
  const array = toTorchLayout(value);
  value.dispose();
  return array;
}

function requireGradients(
  parameters: ReadonlyMap<string, Variable>,
  gradients: ReadonlyMap<string, Tensor>,
): void {
  for (const name of parameters.keys()) {
    if (!gradients.has(name)) throw new Error(`No gradient for the parameter "${name}".`);
  }
}

/** @param what precedes an array's name in the message */
function requireSameShapes(expected: NamedArrays, state: NamedArrays, what: string): void {
  for (const [name, { shape }] of expected) {
    const found = state.get(name)?.shape;
    if (found?.join() === shape.join()) continue;
    throw new Error(
      `${what}"${name}" should have shape [${shape.join(', ')}], ` +
        `found ${found ? `[${found.join(', ')}]` : 'nothing'}.`,
    );
  }
}
