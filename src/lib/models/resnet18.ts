import { addRelu, conv2d, convertActivations, fork, maxPool } from '../engine/index';
import type { ElementType, Tensor4D } from '../engine/index';
import type { Random } from '../random/random';
import type { NamedArrays } from '../weights/named-arrays';
import { batchNorm } from './batch-statistics';
import type { BatchStatistics } from './batch-statistics';
import type { ParameterStore } from './parameter-store';

/*
 * ResNet-18 (He et al., 2016) up to conv4_x, the pyramid extractor of teacher and student (paper, section 2):
 * the stem, then torchvision's layer1, layer2, layer3, whose outputs are the feature maps of levels 1 to 3.
 */

/** The paper's names of the blocks whose outputs are the levels' features. */
export const LEVEL_NAMES = ['conv2_x', 'conv3_x', 'conv4_x'] as const;

/** One of something for each level: as many as `LEVEL_NAMES`. */
export type PerLevel<T> = Each<typeof LEVEL_NAMES, T>;
type Each<Names extends readonly unknown[], T> = { -readonly [I in keyof Names]: T };

/** d_l, the depth of each level's features. */
export const LEVEL_CHANNELS = [64, 128, 256] as const;

/** Image pixels per feature position along each axis, by level. */
export const LEVEL_STRIDES = [4, 8, 16] as const;

/** Image sides must be multiples of this, so that each level is half the one before. */
export const SIZE_MULTIPLE: number = Math.max(...LEVEL_STRIDES);

/** Basic blocks in each of torchvision's layers. */
export const BLOCKS_PER_LAYER = 2;

/** Every array of the backbone by torchvision's name, with its shape in PyTorch's layout, in torchvision's order. */
export function resnet18Shapes(): Map<string, number[]> {
  const shapes = new Map<string, number[]>();
  const convolution = (name: string, out: number, input: number, kernel: number) =>
    shapes.set(`${name}.weight`, [out, input, kernel, kernel]);
  const batchNorm = (name: string, channels: number) => {
    for (const part of ['weight', 'bias', 'running_mean', 'running_var']) {
      shapes.set(`${name}.${part}`, [channels]);
    }
  };
  convolution('conv1', 64, 3, 7);
  batchNorm('bn1', 64);
  let input = 64;
  LEVEL_CHANNELS.forEach((channels, index) => {
    for (let block = 0; block < BLOCKS_PER_LAYER; block++) {
      const name = `layer${index + 1}.${block}`;
      convolution(`${name}.conv1`, channels, block === 0 ? input : channels, 3);
      batchNorm(`${name}.bn1`, channels);
      convolution(`${name}.conv2`, channels, channels, 3);
      batchNorm(`${name}.bn2`, channels);
      if (block === 0 && input !== channels) {
        convolution(`${name}.downsample.0`, channels, input, 1);
        batchNorm(`${name}.downsample.1`, channels);
      }
    }
    input = channels;
  });
  return shapes;
}

/**
 * A randomly initialised backbone, as torchvision makes it: convolutions normal with variance 2 / fan_out (He et al.,
 * 2015), batch norms with weight 1 and bias 0, running mean 0 and variance 1.
 *
 * @param random each array draws from a stream of its own name, so that one array's size never shifts another's
 */
export function initialiseResNet18(random: Random): NamedArrays {
  const arrays: NamedArrays = new Map();
  for (const [name, shape] of resnet18Shapes()) {
    const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
    if (shape.length === 4) {
      const [out, , height, width] = shape;
      const deviation = Math.sqrt(2 / (out * height * width));
      const stream = random.fork(name);
      for (let i = 0; i < data.length; i++) data[i] = deviation * stream.normal();
    } else {
      data.fill(name.endsWith('bias') || name.endsWith('running_mean') ? 0 : 1);
    }
    arrays.set(name, { shape, data });
  }
  return arrays;
}

/** What activations are computed in, within a network. */
export type Precision = ElementType;

/** Feature maps of levels 1, 2, 3: [b, h/4, w/4, 64], [b, h/8, w/8, 128], [b, h/16, w/16, 256]. */
export type FeaturePyramid = PerLevel<Tensor4D>;

/**
 * The backbone's forward pass.
 *
 * @param store parameters and buffers named as in `resnet18Shapes`
 * @param images [batch, height, width, 3], normalised; height and width multiples of 16
 * @param statistics given: batch norms normalise by the batch (training mode) and report its mean and variance
 *   here; absent: they use the running statistics (inference mode)
 * @param precision of the activations within; the feature maps are float32
 */
export function resnet18(
  store: ParameterStore,
  images: Tensor4D,
  statistics?: BatchStatistics,
  precision: Precision = 'float32',
): FeaturePyramid {
  let x = resnet18Stem(store, convertActivations(images, precision), statistics);
  return LEVEL_CHANNELS.map((_, index) => {
    const features = resnet18Layer(store, index, x, statistics);
    const isLast = index === LEVEL_CHANNELS.length - 1;
    const [level, above] = isLast ? [features, features] : fork(features);
    x = above;
    return convertActivations(level, 'float32');
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

/**
 * Two 3x3 convolutions around which the input is added back.
 *
 * @param name what the names of its arrays begin with: `layer1.0` for `layer1.0.conv1.weight`
 */
export function basicBlock(
  store: ParameterStore,
  name: string,
  x: Tensor4D,
  stride: number,
  statistics?: BatchStatistics,
): Tensor4D {
  const [input, other] = fork(x);
  const inner = convolve(store, `${name}.conv1`, input, stride, 1);
  const rectified = normaliseRelu(store, `${name}.bn1`, inner, statistics);
  const outer = convolve(store, `${name}.conv2`, rectified, 1, 1);
  const residual = batchNorm(store, `${name}.bn2`, outer, statistics);
  if (!store.parameters.has(`${name}.downsample.0.weight`)) return addRelu(residual, other);
  const shortcut = convolve(store, `${name}.downsample.0`, other, stride, 0);
  return addRelu(residual, batchNorm(store, `${name}.downsample.1`, shortcut, statistics));
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

function normaliseRelu(
  store: ParameterStore,
  name: string,
  x: Tensor4D,
  statistics?: BatchStatistics,
): Tensor4D {
  return batchNorm(store, name, x, statistics, { relu: true });
}
