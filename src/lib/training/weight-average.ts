import { tf } from '../engine/index';
import { ParameterStore } from '../models/parameter-store';
import type { NamedArrays } from '../weights/named-arrays';

const STEPS = 'steps';

/**
 * An exponential average of a network's weights over its training steps, running statistics included: where the
 * learning rate stays large, the weights swing around what they average to (Polyak and Juditsky, 1992; as PyTorch's
 * `get_ema_multi_avg_fn`). It begins with the weights after the first step.
 */
export class WeightAverage {
  /** The averaged network; that before the first step until then. */
  readonly network: ParameterStore;
  private steps = 0;

  /** @param decay how much of the average a step keeps, from 0 to below 1 */
  constructor(
    private readonly trained: ParameterStore,
    private readonly decay: number,
  ) {
    this.network = ParameterStore.fromArrays(trained.toArrays());
  }

  /** Takes in the weights as they are after a step. */
  update(): void {
    this.steps++;
    if (this.steps === 1) {
      this.network.copyFrom(this.trained);
      return;
    }
    const { parameters, buffers } = this.network;
    tf.tidy(() => {
      for (const [name, average] of [...parameters, ...buffers]) {
        const kept = tf.mul(average, this.decay);
        average.assign(tf.add(kept, tf.mul(this.trained.get(name), 1 - this.decay)));
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
