import { batchNormInference, batchNormTraining, relu, tf } from '../engine/index';
import type { Tensor1D, Tensor4D, Variable } from '../engine/index';
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

/**
 * A network's batch normalisation by name: `NAME.weight` and `NAME.bias`, as PyTorch calls them.
 *
 * @param statistics given: normalises by the batch (training mode) and reports its mean and variance here; absent: by
 *   `NAME.running_mean` and `NAME.running_var` (inference mode)
 * @param options.relu whether max(., 0) of it is wanted
 */
export function batchNorm(
  store: ParameterStore,
  name: string,
  x: Tensor4D,
  statistics?: BatchStatistics,
  { relu: isRectified = false }: { relu?: boolean } = {},
): Tensor4D {
  const scale = store.get<Tensor1D>(`${name}.weight`);
  const offset = store.get<Tensor1D>(`${name}.bias`);
  if (statistics) {
    const { y, mean, variance } = batchNormTraining(x, scale, offset, { relu: isRectified });
    statistics.record(name, mean, variance);
    return y;
  }
  const mean = store.get<Tensor1D>(`${name}.running_mean`);
  const variance = store.get<Tensor1D>(`${name}.running_var`);
  const y = batchNormInference(x, scale, offset, mean, variance);
  return isRectified ? relu(y) : y;
}
