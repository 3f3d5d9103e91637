import { tf } from '../engine/index';
import { ParameterStore } from '../models/parameter-store';
import type { NamedArrays } from '../weights/named-arrays';

const STEPS = 'steps';

/**
 * An exponential average of a network's weights over its training steps, running statistics included: where the
 * learning rate stays large, the weights swing around what they average to (Polyak and Juditsky, 1992). The first steps
 * count little in it as soon as there are others: step n, counted from 0, keeps at most (1 + n) / (10 + n) of it, as
 * TensorFlow's ExponentialMovingAverage.
 */
export class WeightAverage {
  /** The averaged network. */
  readonly network: ParameterStore;
  private steps = 0;

  /** @param decay how much of the average a step keeps once there have been many, from 0 to below 1 */
  constructor(
    private readonly trained: ParameterStore,
    private readonly decay: number,
  ) {
    this.network = ParameterStore.fromArrays(trained.toArrays());
  }

  /** Takes in the weights as they are after a step. */
  update(): void {
    const keep = Math.min(this.decay, (1 + this.steps) / (10 + this.steps));
    this.steps++;
    const { parameters, buffers } = this.network;
    tf.tidy(() => {
      for (const [name, average] of [...parameters, ...buffers]) {
        const latest = this.trained.get(name);
        average.assign(tf.add(tf.mul(average, keep), tf.mul(latest, 1 - keep)));
      }
    });
  }

  state(): NamedArrays {
    return new Map([
      ...this.network.toArrays(),
      [STEPS, { shape: [1], data: Float32Array.of(this.steps) }],
    ]);
  }

  restore(state: NamedArrays): void {
    const steps = state.get(STEPS);
    if (!steps) throw new Error('Expected the average of the weights in the state, found none.');
    this.network.assign(state);
    [this.steps] = steps.data;
  }

  dispose(): void {
    this.network.dispose();
  }
}
