import {
  addRelu,
  batchNormInference,
  batchNormTraining,
  conv2d,
  maxPool,
  relu,
} from '../engine/index';
import type { Tensor1D, Tensor4D } from '../engine/index';
import type { BatchStatistics } from './batch-statistics';
import type { ParameterStore } from './parameter-store';
import { LEVEL_CHANNELS } from './pyramid-levels';
import { BLOCKS_PER_LAYER } from './resnet18-shapes';

export { resnet18Shapes } from './resnet18-shapes';

/**
 * ResNet-18 (He et al., 2016) up to conv4_x, the pyramid extractor of teacher and student (paper, section 2):
 * the stem, then torchvision's layer1, layer2, layer3, whose outputs are the feature maps of levels 1 to 3.
 */

/** Feature maps of levels 1, 2, 3: [b, h/4, w/4, 64], [b, h/8, w/8, 128], [b, h/16, w/16, 256]. */
export type FeaturePyramid = [Tensor4D, Tensor4D, Tensor4D];

/**
 * The trunk's forward pass.
 *
 * @param store parameters and buffers named as in `resnet18Shapes`
 * @param images [batch, height, width, 3], normalised; height and width multiples of 16
 * @param statistics given: batch norms normalise by the batch (training mode) and report its mean and variance
 *   here; absent: they use the running statistics (inference mode)
 */
export function resnet18(
  store: ParameterStore,
  images: Tensor4D,
  statistics?: BatchStatistics,
): FeaturePyramid {
  let x = resnet18Stem(store, images, statistics);
  return LEVEL_CHANNELS.map((_, index) => {
    x = resnet18Layer(store, index, x, statistics);
    return x;
  }) as FeaturePyramid;
}

/** What comes before layer1: a 7x7 convolution and a max-pooling, [b, h, w, 3] to [b, h/4, w/4, 64]. */
export function resnet18Stem(
  store: ParameterStore,
  images: Tensor4D,
  statistics?: BatchStatistics,
): Tensor4D {
  const stem = convolve(store, 'conv1', images, 2, 3);
  return maxPool(normaliseRelu(store, 'bn1', stem, statistics), 3, 2, 1);
}

/**
 * The residual layer that gives a level's feature maps.
 *
 * @param index 0 to 2, for layer1 to layer3
 * @param x the level below, or the stem's output
 */
export function resnet18Layer(
  store: ParameterStore,
  index: number,
  x: Tensor4D,
  statistics?: BatchStatistics,
): Tensor4D {
  for (let block = 0; block < BLOCKS_PER_LAYER; block++) {
    const name = `layer${index + 1}.${block}`;
    x = basicBlock(store, name, x, block === 0 && index > 0 ? 2 : 1, statistics);
  }
  return x;
}

/** Two 3x3 convolutions around which the input is added back. */
function basicBlock(
  store: ParameterStore,
  name: string,
  x: Tensor4D,
  stride: number,
  statistics?: BatchStatistics,
): Tensor4D {
  const inner = convolve(store, `${name}.conv1`, x, stride, 1);
  const rectified = normaliseRelu(store, `${name}.bn1`, inner, statistics);
  const outer = convolve(store, `${name}.conv2`, rectified, 1, 1);
  const residual = normalise(store, `${name}.bn2`, outer, statistics);
  if (!store.parameters.has(`${name}.downsample.0.weight`)) return addRelu(residual, x);
  const shortcut = convolve(store, `${name}.downsample.0`, x, stride, 0);
  return addRelu(residual, normalise(store, `${name}.downsample.1`, shortcut, statistics));
}

function convolve(
  store: ParameterStore,
  name: string,
  x: Tensor4D,
  stride: number,
  padding: number,
): Tensor4D {
  return conv2d(x, store.get<Tensor4D>(`${name}.weight`), stride, padding);
}

function normalise(
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

function normaliseRelu(
  store: ParameterStore,
  name: string,
  x: Tensor4D,
  statistics?: BatchStatistics,
): Tensor4D {
  return normalise(store, name, x, statistics, { relu: true });
}
