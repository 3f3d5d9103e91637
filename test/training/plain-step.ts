import { BATCH_NORM_EPSILON, tf } from '../../src/lib/engine/index';
import type { Scalar, Tensor, Tensor4D } from '../../src/lib/engine/index';
import type { ParameterStore } from '../../src/lib/models/parameter-store';
import type { Batch } from '../../src/lib/training/recipe';

/*
 * The baseline's training step as one would write it first: tfjs's own operations and gradients, an expression for
 * each formula. Slow, and what the library's own operations are held to.
 */

interface PlainSettings {
  learningRate: number;
  momentum: number;
  weightDecay: number;
}

/** Values after a step, in the engine's layout; `velocities` changes along. */
export function plainStep(
  store: ParameterStore,
  { images, teacher }: Batch,
  { learningRate, momentum, weightDecay }: PlainSettings,
  velocities: Map<string, Tensor>,
): { loss: number; values: Map<string, Tensor> } {
  const values = new Map<string, Tensor>();
  const { value, grads } = tf.variableGrads(() => {
    const levels = features(store, images, values);
    const losses = levels.map((level, i) => {
      const unit = tf.div(level, tf.norm(level, 2, -1, true));
      const [batch, height, width] = level.shape;
      const distance = tf.sum(tf.square(tf.sub(unit, teacher[i])));
      return tf.div(distance, batch * height * width);
    });
    return tf.addN(losses) as Scalar;
  }, [...store.parameters.values()]);
  for (const [name, parameter] of store.parameters) {
    const next = tf.tidy(() => {
      const decayed = tf.add(grads[parameter.name], tf.mul(parameter, weightDecay));
      return tf.add(tf.mul(velocities.get(name) ?? tf.scalar(0), momentum), decayed);
    });
    velocities.get(name)?.dispose();
    velocities.set(name, next);
    values.set(
      name,
      tf.tidy(() => tf.sub(parameter, tf.mul(next, learningRate))),
    );
  }
  const loss = value.dataSync<'float32'>()[0];
  tf.dispose([value, ...Object.values(grads)]);
  return { loss, values };
}

/** The three levels; the new running statistics go into `values`. */
function features(
  store: ParameterStore,
  images: Tensor4D,
  values: Map<string, Tensor>,
): Tensor4D[] {
  const zeroPadded = (x: Tensor4D, margin: number) =>
    tf.pad(x, [
      [0, 0],
      [margin, margin],
      [margin, margin],
      [0, 0],
    ]);
  const convolve = (name: string, x: Tensor4D, stride: number, margin: number) =>
    tf.conv2d(zeroPadded(x, margin), store.get<Tensor4D>(`${name}.weight`), stride, 'valid');
  const normalise = (name: string, x: Tensor4D): Tensor4D => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    const count = x.size / x.shape[3];
    const running = (part: string, batch: Tensor) =>
      values.set(
        `${name}.${part}`,
        tf.keep(tf.add(tf.mul(store.get(`${name}.${part}`), 0.9), tf.mul(batch, 0.1))),
      );
    running('running_mean', mean);
    running('running_var', tf.mul(variance, count / (count - 1)));
    const centred = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, BATCH_NORM_EPSILON)));
    return tf.add(tf.mul(centred, store.get(`${name}.weight`)), store.get(`${name}.bias`));
  };
  const block = (name: string, x: Tensor4D, stride: number): Tensor4D => {
    const inner = tf.relu(normalise(`${name}.bn1`, convolve(`${name}.conv1`, x, stride, 1)));
    const residual = normalise(`${name}.bn2`, convolve(`${name}.conv2`, inner, 1, 1));
    const isSame = !store.parameters.has(`${name}.downsample.0.weight`);
    const identity = isSame
      ? x
      : normalise(`${name}.downsample.1`, convolve(`${name}.downsample.0`, x, stride, 0));
    return tf.relu(tf.add<Tensor4D>(residual, identity));
  };
  const stem = tf.relu(normalise('bn1', convolve('conv1', images, 2, 3)));
  let x: Tensor4D = tf.maxPool(zeroPadded(stem, 1), 3, 2, 'valid');
  return [1, 2, 3].map((layer) => {
    x = block(`layer${layer}.0`, x, layer === 1 ? 1 : 2);
    x = block(`layer${layer}.1`, x, 1);
    return x;
  });
}
