import type { MapStack } from '../../anomaly-map/quantile-mean';
import { conv2d, conv2dBias, tf } from '../../engine/index';
import type { Tensor1D, Tensor4D } from '../../engine/index';
import { initialiseUniform } from '../../models/auto-encoder';
import { batchNorm } from '../../models/batch-statistics';
import type { BatchStatistics } from '../../models/batch-statistics';
import type { ParameterStore } from '../../models/parameter-store';
import { basicBlock } from '../../models/resnet18';
import type { Random } from '../../random/random';
import type { NamedArrays } from '../../weights/named-arrays';
import { mapBatch } from './head-data';

/*
 * A small segmentation head that joins anomaly maps (after Zhang et al., DeSTSeg: Segmentation Guided Denoising
 * Student-Teacher for Anomaly Detection, CVPR 2023, section 3.3): a 3x3 convolution, two residual blocks and a 1x1
 * convolution at the maps' own resolution. DeSTSeg's takes the 448 products of the features and is 150 times as large;
 * its ablation finds the three maps alone nearly as good (pixel AP 72.0 against 75.8 in the mean of 15 categories).
 */

/** What the names of the head's arrays begin with in the model file. A model without them falls back on the plain mean. */
export const HEAD = 'head.';

/** The largest values of the head's map that make the image's score: DeSTSeg's 100 of 256 x 256, at a quarter of the side. */
export const SCORED_SHARE = 25 / 64 ** 2;

/** Channels between the layers. */
export const HEAD_WIDTH = 32;

/** The residual blocks, by name. */
export const HEAD_BLOCKS = ['block1', 'block2'] as const;

/** Every array of the head by name, with its shape in PyTorch's layout. @param channels maps of an image */
export function fusionHeadShapes(channels: number): Map<string, number[]> {
  const shapes = new Map<string, number[]>();
  const convolution = (name: string, bn: string, input: number) => {
    shapes.set(`${name}.weight`, [HEAD_WIDTH, input, 3, 3]);
    for (const part of ['weight', 'bias', 'running_mean', 'running_var']) {
      shapes.set(`${bn}.${part}`, [HEAD_WIDTH]);
    }
  };
  convolution('conv1', 'bn1', channels);
  for (const block of HEAD_BLOCKS) {
    convolution(`${block}.conv1`, `${block}.bn1`, HEAD_WIDTH);
    convolution(`${block}.conv2`, `${block}.bn2`, HEAD_WIDTH);
  }
  shapes.set('out.weight', [1, HEAD_WIDTH, 1, 1]);
  shapes.set('out.bias', [1]);
  return shapes;
}

/**
 * An untrained head, as PyTorch makes it: convolutions uniform within 1 / sqrt(fan_in), batch norms with weight 1 and
 * bias 0, running mean 0 and variance 1.
 */
export function initialiseFusionHead(channels: number, random: Random): NamedArrays {
  const shapes = fusionHeadShapes(channels);
  const isConvolution = (name: string, shape: number[]) =>
    shape.length === 4 || name === 'out.bias';
  const convolutions = initialiseUniform(
    new Map([...shapes].filter(([name, shape]) => isConvolution(name, shape))),
    random,
  );
  return new Map(
    [...shapes].map(([name, shape]) => {
      const one = !name.endsWith('bias') && !name.endsWith('running_mean');
      const constant = () => ({ shape, data: new Float32Array(shape[0]).fill(one ? 1 : 0) });
      return [name, convolutions.get(name) ?? constant()];
    }),
  );
}

/**
 * The head's forward pass.
 *
 * @param store parameters and buffers named as in `fusionHeadShapes`
 * @param maps [b, h, w, channels], see `headInput`
 * @param statistics given: batch norms normalise by the batch (training mode) and report its statistics here
 * @returns logits of the probability that a position is defective, [b, h, w, 1]
 */
export function fusionLogits(
  store: ParameterStore,
  maps: Tensor4D,
  statistics?: BatchStatistics,
): Tensor4D {
  const input = conv2d(maps, store.get<Tensor4D>('conv1.weight'), 1, 1);
  let x = batchNorm(store, 'bn1', input, statistics, { relu: true });
  for (const block of HEAD_BLOCKS) x = basicBlock(store, block, x, 1, statistics);
  return conv2dBias(x, store.get<Tensor4D>('out.weight'), store.get<Tensor1D>('out.bias'), 0);
}

const JUDGED_AT_ONCE = 32;

/**
 * What a trained head says of maps: how likely each position is defective.
 *
 * @param input see `headInput`
 * @returns from 0 to 1, [count, height, width]
 */
export function fusedMaps(head: ParameterStore, input: MapStack): Float32Array {
  const pixels = input.height * input.width;
  const result = new Float32Array(input.count * pixels);
  for (let start = 0; start < input.count; start += JUDGED_AT_ONCE) {
    const count = Math.min(JUDGED_AT_ONCE, input.count - start);
    const indices = Array.from({ length: count }, (_, i) => start + i);
    const probabilities = tf.tidy(() => tf.sigmoid(fusionLogits(head, mapBatch(input, indices))));
    result.set(probabilities.dataSync<'float32'>(), start * pixels);
    probabilities.dispose();
  }
  return result;
}
