import { defineOp } from './define-op';
import { attributesBySetting, elementType, rawOp, rawOps, typeOf } from './raw-op';
import type { AttributeValue, ElementType } from './raw-op';
import { tf } from './tensorflow';
import type { Tensor, Tensor1D, Tensor4D } from './tensorflow';

/** What batch norms add to a variance: PyTorch's default, which both networks use. */
export const BATCH_NORM_EPSILON = 1e-5;

interface Kind {
  /** What is normalised. Statistics and parameters are float32. */
  type: ElementType;
  training: boolean;
  gradient: boolean;
}

const attributesOf = attributesBySetting(
  ({ type, training, gradient }: Kind): Record<string, AttributeValue> => ({
    T: { type },
    U: { type: 'float32' },
    epsilon: { float: BATCH_NORM_EPSILON },
    // 1: outputs 1 and 2 are this batch's mean and unbiased variance, not a running average.
    ...(gradient ? {} : { exponential_avg_factor: { float: 1 } }),
    data_format: 'NHWC',
    is_training: training,
  }),
);

const train = defineOp<{ x: Tensor; scale: Tensor; offset: Tensor }, { relu: boolean }>({
  name: 'TrainingBatchNorm',
  forward: ({ x, scale, offset }, { relu }, save) => {
    const empty = tf.tensor1d([], 'float32');
    const inputs = [x, scale, offset, empty, empty];
    const [normalised, mean, variance, ...reserved] = rawOps(
      'FusedBatchNormV3',
      inputs,
      attributesOf({ type: elementType(x), training: true, gradient: false }),
      6,
    );
    empty.dispose();
    if (!relu) {
      save(x, scale, ...reserved);
      return [normalised, mean, variance];
    }
    // oneDNN could rectify on the way, but then turns NaN into 0: a broken network would look sound.
    const y = rawOp('Relu', [normalised], typeOf(x));
    normalised.dispose();
    save(x, scale, ...reserved, y);
    return [y, mean, variance];
  },
  backward: ([dy], [x, scale, reserved1, reserved2, reserved3, y]) => {
    const dNormalised = y ? rawOp('ReluGrad', [dy, y], typeOf(y)) : dy;
    // One op gives all three gradients. It runs here, in the scope of the whole backward pass, which disposes of
    // those that nobody asks for.
    const [dx, dScale, dOffset, ...unused] = rawOps(
      'FusedBatchNormGradV3',
      [dNormalised, x, scale, reserved1, reserved2, reserved3],
      attributesOf({ type: elementType(x), training: true, gradient: true }),
      5,
    );
    tf.dispose(unused);
    if (y) dNormalised.dispose();
    return { x: () => dx, scale: () => dScale, offset: () => dOffset };
  },
});

/** What batch normalisation in training mode gives: the normalised batch and the batch's own statistics. */
export interface BatchNormResult {
  y: Tensor4D;
  /** Mean of each channel over batch and positions: [channels]. */
  mean: Tensor1D;
  /** Unbiased variance of each channel (divided by n - 1), as PyTorch keeps it: [channels]. */
  variance: Tensor1D;
}

/**
 * Batch normalisation in training mode, with the fused kernel and its fused gradient, which is that of `y`: nothing
 * flows back through the statistics that are returned.
 *
 * @param x [batch, height, width, channels], float32 or bfloat16, and so is `y`
 * @param scale PyTorch's `weight`, [channels]
 * @param offset PyTorch's `bias`, [channels]
 * @param options.relu whether `y` is max(., 0) of it; what is below 0 is not kept then
 */
export function batchNormTraining(
  x: Tensor4D,
  scale: Tensor1D,
  offset: Tensor1D,
  { relu = false }: { relu?: boolean } = {},
): BatchNormResult {
  const [y, mean, variance] = train({ x, scale, offset }, { relu });
  return { y: y as Tensor4D, mean: mean as Tensor1D, variance: variance as Tensor1D };
}

const infer = defineOp<{
  x: Tensor;
  scale: Tensor;
  offset: Tensor;
  mean: Tensor;
  variance: Tensor;
}>({
  name: 'InferenceBatchNorm',
  forward: ({ x, scale, offset, mean, variance }, _, save) => {
    const [y, ...rest] = rawOps(
      'FusedBatchNormV3',
      [x, scale, offset, mean, variance],
      attributesOf({ type: elementType(x), training: false, gradient: false }),
      6,
    );
    for (const unused of rest) unused.dispose();
    save(x, scale, mean, variance);
    return y;
  },
  backward: ([dy], [x, scale, mean, variance]) => {
    const [dx, dScale, dOffset, ...unused] = rawOps(
      'FusedBatchNormGradV3',
      [dy, x, scale, mean, variance, mean],
      attributesOf({ type: elementType(x), training: false, gradient: true }),
      5,
    );
    for (const empty of unused) empty.dispose();
    return { x: () => dx, scale: () => dScale, offset: () => dOffset };
  },
});

/**
 * Batch normalisation with stored statistics, which are constants: its gradient reaches `x`, `scale` and `offset`.
 *
 * @param x [batch, height, width, channels]; the other arguments [channels]
 */
export function batchNormInference(
  x: Tensor4D,
  scale: Tensor1D,
  offset: Tensor1D,
  mean: Tensor1D,
  variance: Tensor1D,
): Tensor4D {
  return infer({ x, scale, offset, mean, variance }, {})[0] as Tensor4D;
}
