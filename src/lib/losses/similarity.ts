import { defineOp, halfSquaredNorm, square, tf } from '../engine/index';
import type { Scalar, Tensor, Tensor4D } from '../engine/index';
import type { FeaturePyramid } from '../models/resnet18';

/** Below this length a feature vector is divided by it instead, as in PyTorch's `normalize`. */
export const NORM_EPSILON = 1e-12;

/** 1 / max(||x||, eps) at each position: [b, h, w, 1]. No gradient. */
export function inverseNorm(x: Tensor4D): Tensor4D {
  return tf.tidy(() => {
    const squares = tf.sum(square(x), -1, true);
    return tf.div(1, tf.maximum(tf.sqrt(squares), NORM_EPSILON)) as Tensor4D;
  });
}

const normalise = defineOp<{ x: Tensor }>({
  name: 'ChannelL2Normalise',
  forward: ({ x }, _, save) => {
    const inverse = inverseNorm(x as Tensor4D);
    const y = tf.mul(x, inverse);
    save(y, inverse);
    return y;
  },
  backward: ([dy], [y, inverse]) => ({
    // The part of dy along y does not change a length of 1.
    x: () =>
      tf.tidy(() => {
        const along = tf.mul(y, tf.sum(tf.mul(y, dy), -1, true));
        return tf.mul(tf.sub(dy, along), inverse);
      }),
  }),
});

/**
 * phi: channel-wise l2 normalisation at each position (paper, section 2).
 *
 * @param x [b, h, w, d]
 * @returns vectors of length 1 (0 where x is 0)
 */
export function l2Normalise(x: Tensor4D): Tensor4D {
  return normalise({ x }, {})[0] as Tensor4D;
}

// sum over batch and positions of ||phi(x) - target||^2 / (positions of one image), for a target of unit vectors.
const distance = defineOp<{ x: Tensor; target: Tensor }>({
  name: 'NormalisedSquaredDistance',
  forward: (inputs, _, save) => {
    const x = inputs.x as Tensor4D;
    const target = inputs.target as Tensor4D;
    const [, height, width] = x.shape;
    const [loss, inverse, cosine] = tf.tidy(() => {
      const inverse = inverseNorm(x);
      const cosine = tf.mul(tf.sum(tf.mul(x, target), -1, true), inverse) as Tensor4D;
      // ||a - b||^2 by differences: 2 - 2 cos would cancel where student and teacher agree best.
      const difference = tf.sub(tf.mul(x, inverse), target);
      const loss = tf.mul(halfSquaredNorm(difference), 2 / (height * width));
      return [loss, inverse, cosine];
    });
    save(x, target, inverse, cosine);
    return loss;
  },
  backward: ([dy], [x, target, inverse, cosine]) => ({
    // d||phi(x) - t||^2/dx = 2/||x|| (phi(x) (phi(x).t) - t), since phi(x) has length 1.
    x: () =>
      tf.tidy(() => {
        const [, height, width] = x.shape;
        const scale = tf.mul(tf.mul(dy, 2 / (height! * width!)), inverse);
        const along = tf.mul(x, tf.mul(inverse, cosine));
        return tf.mul(tf.sub(along, target), scale);
      }),
    target: () =>
      tf.tidy(() => {
        const [, height, width] = x.shape;
        const scale = tf.mul(dy, 2 / (height! * width!));
        return tf.mul(tf.sub(target, tf.mul(x, inverse)), scale);
      }),
  }),
});

/**
 * L_sim of one level, summed over the batch: 1/(w_l h_l) sum over batch and positions of ||phi(R_s) - phi(F_t)||^2
 * (paper, section 3; for the baseline R_s = F_s). The division by the number of positions is a reading: the formula in
 * section 3 does not have it, the average over positions in section 2, which is that of STFPM (Wang et al., 2021), does.
 *
 * @param student [b, h, w, d], not normalised; the gradient reaches it
 * @param normalisedTeacher phi(F_t), [b, h, w, d]
 */
export function levelSimilarityLoss(student: Tensor4D, normalisedTeacher: Tensor4D): Scalar {
  return distance({ x: student, target: normalisedTeacher }, {})[0] as Scalar;
}

/**
 * L_sim: the sum of the three levels' losses, summed over the batch. Divide by the batch for a per-image loss.
 *
 * @param weights of the positions of each level, [b, h, w, 1], with a mean of 1 over an image. Left out: all 1
 */
export function similarityLoss(
  student: FeaturePyramid,
  normalisedTeacher: FeaturePyramid,
  weights?: FeaturePyramid,
): Scalar {
  return tf.addN(
    student.map((features, level) =>
      weights
        ? weightedSimilarityLoss(features, normalisedTeacher[level], weights[level])
        : levelSimilarityLoss(features, normalisedTeacher[level]),
    ),
  ) as Scalar;
}

// sum over all positions of weight * ||unit - target||^2; only the first has a gradient.
const weightedDistance = defineOp<{ unit: Tensor; target: Tensor; weights: Tensor }>({
  name: 'WeightedSquaredDistance',
  forward: ({ unit, target, weights }, _, save) => {
    const [loss, weighted] = tf.tidy(() => {
      const difference = tf.sub(unit, target);
      const weighted = tf.mul(difference, weights);
      return [tf.sum(tf.mul(difference, weighted)), weighted];
    });
    save(weighted);
    return loss;
  },
  backward: ([dy], [weighted]) => ({
    unit: () => tf.tidy(() => tf.mul(weighted, tf.mul(dy, 2))),
    target: () => tf.tidy(() => tf.mul(weighted, tf.mul(dy, -2))),
    weights: () => {
      throw new Error('The weights of a loss are given, and have no gradient.');
    },
  }),
});

function weightedSimilarityLoss(
  student: Tensor4D,
  normalisedTeacher: Tensor4D,
  weights: Tensor4D,
): Scalar {
  const [, height, width] = student.shape;
  const unit = l2Normalise(student);
  const sum = weightedDistance({ unit, target: normalisedTeacher, weights }, {})[0] as Scalar;
  return tf.div(sum, height * width);
}
