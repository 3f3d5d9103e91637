import { tf } from '../engine/index';
import type { Tensor1D, Variable } from '../engine/index';
import type { ParameterStore } from './parameter-store';

/** The weight of a new batch in the running statistics: PyTorch's `momentum`. */
const MOMENTUM = 0.1;

/**
 * Collects the mean and the unbiased variance of each batch norm during one forward pass in training mode, to
 * update the running statistics after the step: a pass that is thrown away must not leave a trace in them.
 */
export class BatchStatistics {
  private readonly recorded = new Map<string, { mean: Tensor1D; variance: Tensor1D }>();

  /** Keeps copies that outlive the surrounding tidy, in place of those of an earlier pass that was not applied. */
  record(name: string, mean: Tensor1D, variance: Tensor1D): void {
    const replaced = this.recorded.get(name);
    if (replaced) tf.dispose([replaced.mean, replaced.variance]);
    this.recorded.set(name, {
      mean: tf.keep(mean.clone()),
      variance: tf.keep(variance.clone()),
    });
  }

  /** running = 0.9 running + 0.1 batch, for every batch norm seen; then forgets them. */
  applyTo(store: ParameterStore): void {
    tf.tidy(() => {
      for (const [name, { mean, variance }] of this.recorded) {
        this.update(store.buffers.get(`${name}.running_mean`), mean);
        this.update(store.buffers.get(`${name}.running_var`), variance);
      }
    });
    this.dispose();
  }

  dispose(): void {
    for (const { mean, variance } of this.recorded.values()) {
      mean.dispose();
      variance.dispose();
    }
    this.recorded.clear();
  }

  private update(running: Variable | undefined, batch: Tensor1D): void {
    running?.assign(tf.add(tf.mul(running, 1 - MOMENTUM), tf.mul(batch, MOMENTUM)));
  }
}
