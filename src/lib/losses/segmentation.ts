import { defineOp, tf } from '../engine/index';
import type { Scalar, Tensor, Tensor4D } from '../engine/index';

/** How much less the focal loss cares for pixels that are right already: DeSTSeg's. */
const GAMMA = 4;

/*
 * With s the logit of a pixel's true class and q = 1 / (1 + e^s), by which its probability falls short of 1, the focal
 * loss is q^gamma log(1 + e^-s) and the absolute difference q. Written so, neither a logarithm of 0 nor a difference of
 * nearly equal numbers occurs.
 */
const segmentation = defineOp<{ logits: Tensor; mask: Tensor }>({
  name: 'SegmentationLoss',
  forward: ({ logits, mask }, _, save) => {
    const [loss, sign, shortfall, crossEntropy] = tf.tidy(() => {
      const sign = tf.sub(tf.mul(mask, 2), 1);
      const wrong = tf.neg(tf.mul(logits, sign));
      const shortfall = tf.sigmoid(wrong);
      const crossEntropy = tf.softplus(wrong);
      const focal = tf.mul(tf.pow(shortfall, GAMMA), crossEntropy);
      return [tf.mean(tf.add(focal, shortfall)), sign, shortfall, crossEntropy];
    });
    save(sign, shortfall, crossEntropy);
    return loss;
  },
  backward: ([dy], [sign, q, crossEntropy], _, { logits }) => ({
    // d/ds = -(gamma q^gamma (1 - q) log(1 + e^-s) + q^(gamma + 1) + q (1 - q))
    logits: () =>
      tf.tidy(() => {
        const rest = tf.sub(1, q);
        const focal = tf.mul(
          tf.pow(q, GAMMA),
          tf.add(tf.mul(tf.mul(rest, crossEntropy), GAMMA), q),
        );
        const scale = tf.mul(tf.neg(dy), 1 / logits.size);
        return tf.mul(tf.mul(tf.add(focal, tf.mul(q, rest)), sign), scale);
      }),
  }),
});

/**
 * The loss of a segmentation head: focal loss with gamma 4 (Lin et al., ICCV 2017) plus absolute difference, both
 * averaged over all pixels (Zhang et al., DeSTSeg, CVPR 2023, section 3.3). The first lets the few
 * defective pixels count among the many good ones, the second makes probabilities decided.
 *
 * @param logits of the probability that a pixel is defective, [b, h, w, 1]
 * @param mask 0 (good) or 1 (defective), [b, h, w, 1]; a constant
 */
export function segmentationLoss(logits: Tensor4D, mask: Tensor4D): Scalar {
  return segmentation({ logits, mask }, {})[0] as Scalar;
}
