import { biasAdd, conv2d, conv2dTranspose, leakyRelu, tf } from '../../engine/index';
import type { Tensor1D, Tensor4D } from '../../engine/index';
import { batchNorm } from '../../models/batch-statistics';
import type { BatchStatistics } from '../../models/batch-statistics';
import type { ParameterStore } from '../../models/parameter-store';
import type { Random } from '../../random/random';
import type { NamedArrays } from '../../weights/named-arrays';

/*
 * DCGAN (Radford et al., 2016): the generator enlarges a latent vector, step by step, to an image; the discriminator
 * is its mirror image. 4 x 4 kernels, stride 2, batch normalisation in all layers but the outermost.
 */

export interface DcganSize {
  /** Of the square images, in pixels: 8 times a power of 2. */
  side: number;
  /** Channels of the layers next to the image; each step towards the latent vector doubles them. */
  width: number;
  /** Numbers in a latent vector. */
  latentSize: number;
}

const CHANNELS = 3;
const KERNEL = 4;
const LEAKY_SLOPE = 0.2;

/** Channels between the layers, from those at 4 x 4 to those at half the image's side. */
function innerChannels({ side, width }: DcganSize): number[] {
  const steps = Math.log2(side / KERNEL);
  return Array.from({ length: steps }, (_, i) => width * 2 ** (steps - 1 - i));
}

/** Every array of the generator by name, with its shape in PyTorch's layout. */
export function generatorShapes(size: DcganSize): Map<string, number[]> {
  const shapes = new Map<string, number[]>();
  let input = size.latentSize;
  innerChannels(size).forEach((channels, i) => {
    shapes.set(`up${i + 1}.conv.weight`, [input, channels, KERNEL, KERNEL]);
    for (const part of ['weight', 'bias', 'running_mean', 'running_var']) {
      shapes.set(`up${i + 1}.bn.${part}`, [channels]);
    }
    input = channels;
  });
  shapes.set('image.weight', [input, CHANNELS, KERNEL, KERNEL]);
  shapes.set('image.bias', [CHANNELS]);
  return shapes;
}

/**
 * Every array of the discriminator by name, with its shape in PyTorch's layout. Its batch norms have no running
 * statistics: it is never used but in training.
 */
export function discriminatorShapes(size: DcganSize): Map<string, number[]> {
  const shapes = new Map<string, number[]>();
  let input = CHANNELS;
  innerChannels(size)
    .reverse()
    .forEach((channels, i) => {
      shapes.set(`down${i + 1}.conv.weight`, [channels, input, KERNEL, KERNEL]);
      if (i > 0) {
        for (const part of ['weight', 'bias']) shapes.set(`down${i + 1}.bn.${part}`, [channels]);
      }
      input = channels;
    });
  shapes.set('verdict.weight', [1, input, KERNEL, KERNEL]);
  return shapes;
}

/**
 * DCGAN's initial weights: convolutions from N(0, 0.02^2), batch norms' weights from N(1, 0.02^2), biases 0.
 *
 * @param random each array draws from a stream of its own name
 */
export function initialiseDcgan(
  shapes: ReadonlyMap<string, number[]>,
  random: Random,
): NamedArrays {
  const arrays: NamedArrays = new Map();
  for (const [name, shape] of shapes) {
    const size = shape.reduce((product, side) => product * side, 1);
    const mean = name.endsWith('bn.weight') || name.endsWith('running_var') ? 1 : 0;
    const deviation = name.endsWith('.weight') ? 0.02 : 0;
    const data = random.fork(name).normals(size);
    for (let i = 0; i < size; i++) data[i] = mean + deviation * data[i];
    arrays.set(name, { shape, data });
  }
  return arrays;
}

/**
 * G(z).
 *
 * @param store arrays named as in `generatorShapes`
 * @param z [b, 1, 1, latentSize]
 * @param statistics given: training mode, see `batchNorm`
 * @returns [b, side, side, 3], from -1 (black) to 1
 */
export function generate(
  store: ParameterStore,
  z: Tensor4D,
  statistics?: BatchStatistics,
): Tensor4D {
  let y = z;
  for (let i = 1; store.parameters.has(`up${i}.conv.weight`); i++) {
    const [stride, padding] = i === 1 ? [1, 0] : [2, 1];
    const filter = store.get<Tensor4D>(`up${i}.conv.weight`);
    y = conv2dTranspose(y, filter, stride, padding);
    y = batchNorm(store, `up${i}.bn`, y, statistics, { relu: true });
  }
  y = conv2dTranspose(y, store.get<Tensor4D>('image.weight'), 2, 1);
  return tf.tanh(biasAdd(y, store.get<Tensor1D>('image.bias')));
}

/**
 * D(x) before the sigmoid that would make a probability of it, in training mode.
 *
 * @param store arrays named as in `discriminatorShapes`
 * @param x [b, side, side, 3]
 * @param statistics takes the batch norms' statistics, which nobody needs
 * @returns [b, 1, 1, 1]; above 0: rather real than generated
 */
export function discriminate(
  store: ParameterStore,
  x: Tensor4D,
  statistics: BatchStatistics,
): Tensor4D {
  let y = x;
  for (let i = 1; store.parameters.has(`down${i}.conv.weight`); i++) {
    y = conv2d(y, store.get<Tensor4D>(`down${i}.conv.weight`), 2, 1);
    if (i > 1) y = batchNorm(store, `down${i}.bn`, y, statistics);
    y = leakyRelu(y, LEAKY_SLOPE);
  }
  return conv2d(y, store.get<Tensor4D>('verdict.weight'), 1, 0);
}
