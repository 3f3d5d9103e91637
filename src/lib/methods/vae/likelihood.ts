import { defineOp, square, tf } from '../../engine/index';
import type { Scalar, Tensor, Tensor3D, Tensor4D } from '../../engine/index';
import type { Gaussian } from './network';

const LOG_2_PI = Math.log(2 * Math.PI);

/**
 * The Gaussian of each pixel and colour from the decoder's output. Its variance is bounded below by a soft bound,
 * `minimum + softplus(output - minimum)`: without one, colours that never vary among the train images (a white
 * background) would have a density that grows without end, and one grey level of difference would outweigh any defect.
 *
 * @param output [b, h, w, 2 c]
 * @param minLogVariance what log sigma^2 approaches
 * @returns [b, h, w, c] each; no gradient
 */
export function pixelGaussian(output: Tensor4D, minLogVariance: number): Gaussian {
  const [mean, raw] = tf.split<Tensor4D>(output, 2, 3);
  return { mean, logVariance: boundedBelow(tf.sub(raw, minLogVariance), minLogVariance) };
}

/** @param distance from the bound, of either sign */
function boundedBelow(distance: Tensor4D, minimum: number): Tensor4D {
  return tf.add(tf.softplus(distance), minimum);
}

const totalNegativeLogLikelihood = defineOp<
  { output: Tensor; x: Tensor },
  { minLogVariance: number }
>({
  name: 'GaussianNegativeLogLikelihood',
  forward: ({ output, x }, { minLogVariance }, save) => {
    const [total, pull, excess] = tf.tidy(() => {
      const [mean, raw] = tf.split(output as Tensor4D, 2, 3);
      const distance = tf.sub<Tensor4D>(raw, minLogVariance);
      const logVariance = boundedBelow(distance, minLogVariance);
      const difference = tf.sub(mean, x);
      const pull = tf.mul(difference, tf.exp(tf.neg(logVariance)));
      const standardised = tf.mul(difference, pull);
      const total = tf.mul(0.5, tf.sum(tf.add(tf.add(logVariance, LOG_2_PI), standardised)));
      // By log sigma^2 it is (1 - standardised) / 2, and softplus has the sigmoid as its derivative.
      const slope = tf.mul(tf.sigmoid(distance), 0.5);
      return [total, pull, tf.mul(tf.sub(1, standardised), slope)];
    });
    save(pull, excess);
    return total;
  },
  backward: ([dy], [pull, excess]) => ({
    output: () => tf.tidy(() => tf.mul(tf.concat([pull, excess], 3), dy)),
    x: () => tf.tidy(() => tf.mul(pull, tf.neg(dy))),
  }),
});

/**
 * -log p(x | z) in nats, summed over batch, pixels and colours.
 *
 * @param output the decoder's, [b, h, w, 2 c]; the gradient reaches it
 * @param x [b, h, w, c]
 */
export function negativeLogLikelihood(
  output: Tensor4D,
  x: Tensor4D,
  minLogVariance: number,
): Scalar {
  return totalNegativeLogLikelihood({ output, x }, { minLogVariance })[0] as Scalar;
}

/** -log p(x | z) at each pixel, the mean of its colours: [b, h, w]. No gradient. */
export function negativeLogLikelihoodMap(
  output: Tensor4D,
  x: Tensor4D,
  minLogVariance: number,
): Tensor3D {
  return tf.tidy(() => {
    const { mean, logVariance } = pixelGaussian(output, minLogVariance);
    const standardised = tf.mul(square(tf.sub(mean, x)), tf.exp(tf.neg(logVariance)));
    const twice = tf.add(tf.add(logVariance, LOG_2_PI), standardised);
    return tf.mul(tf.mean(twice, -1), 0.5) as Tensor3D;
  });
}

/** (x - mu_x)^2 at each pixel, the mean of its colours: [b, h, w]. No gradient. */
export function squaredErrorMap(output: Tensor4D, x: Tensor4D): Tensor3D {
  return tf.tidy(() => {
    const [mean] = tf.split(output, 2, 3);
    return tf.mean(square(tf.sub(mean, x)), -1) as Tensor3D;
  });
}

/** KL(q(z | x) || N(0, 1)) in nats, summed over the batch: how much q says of x that the prior did not. */
export function kullbackLeibler({ mean, logVariance }: Gaussian): Scalar {
  const terms = tf.sub(tf.add(tf.square(mean), tf.exp(logVariance)), tf.add(logVariance, 1));
  return tf.mul(0.5, tf.sum(terms));
}
