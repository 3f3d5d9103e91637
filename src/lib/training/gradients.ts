import { tf } from '../engine/index';
import type { Scalar, Tensor, Variable } from '../engine/index';

/**
 * The loss and its gradient with respect to each parameter, by the parameters' names.
 *
 * @param loss builds the scalar from the parameters; what else it makes is disposed of
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
