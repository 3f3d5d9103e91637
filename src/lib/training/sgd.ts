import { add, multiply, ResourceVariable, tf } from '../engine/index';
import type { Tensor, Variable } from '../engine/index';
import { toEngineLayout } from '../models/layout';
import type { NamedArray, NamedArrays } from '../weights/tensor-file';
import { resourceArray } from './resource-array';

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
   */
  step(gradients: ReadonlyMap<string, Tensor>, scale = 1): void {
    const { learningRate, momentum, weightDecay } = this.options;
    for (const name of this.parameters.keys()) {
      if (!gradients.has(name)) throw new Error(`No gradient for the parameter "${name}".`);
    }
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

  /** Sets what `state` gave. Throws, before anything is changed, when a velocity is missing or has another shape. */
  restore(state: NamedArrays): void {
    for (const [name, { shape }] of this.state()) {
      const found = state.get(name)?.shape;
      if (found?.join() !== shape.join()) {
        throw new Error(
          `The velocity of "${name}" should have shape [${shape.join(', ')}], ` +
            `found ${found ? `[${found.join(', ')}]` : 'nothing'}.`,
        );
      }
    }
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
