import { biasAdd, conv2d, conv2dTranspose, leakyRelu, tf } from '../../engine/index';
import type { Tensor1D, Tensor4D } from '../../engine/index';
import type { ParameterStore } from '../../models/parameter-store';

/*
 * The networks of the variational auto-encoder. An & Cho give none for images; these are those of the convolutional
 * auto-encoder that MVTec AD was published with (Bergmann et al., 2019, after their SSIM auto-encoder of 2018), with
 * two outputs in each place where that one has one: a Gaussian's mean and the logarithm of its variance.
 */

/** The sides of the networks. */
export interface VaeSize {
  /** Of the square windows that the networks see; a multiple of 16. */
  side: number;
  /** Channels of the first convolution; deeper ones have up to four times as many. */
  width: number;
  /** Numbers in a latent vector. */
  latentSize: number;
}

/** The windows' side is a multiple of this: four convolutions halve it. */
export const VAE_SIZE_MULTIPLE = 16;

const CHANNELS = 3;
const LEAKY_SLOPE = 0.2;

interface Layer {
  name: string;
  /** Output channels, in units of the width. */
  out: number;
  kernel: 3 | 4;
  stride: 1 | 2;
}

const ENCODER: readonly Layer[] = [
  { name: 'conv1', out: 1, kernel: 4, stride: 2 },
  { name: 'conv2', out: 1, kernel: 4, stride: 2 },
  { name: 'conv3', out: 1, kernel: 3, stride: 1 },
  { name: 'conv4', out: 2, kernel: 4, stride: 2 },
  { name: 'conv5', out: 2, kernel: 3, stride: 1 },
  { name: 'conv6', out: 4, kernel: 4, stride: 2 },
  { name: 'conv7', out: 2, kernel: 3, stride: 1 },
  { name: 'conv8', out: 1, kernel: 3, stride: 1 },
];

/** Stride 2 means twice as large here: a transposed convolution. */
const DECODER: readonly Layer[] = [
  { name: 'conv1', out: 2, kernel: 3, stride: 1 },
  { name: 'conv2', out: 4, kernel: 3, stride: 1 },
  { name: 'up1', out: 2, kernel: 4, stride: 2 },
  { name: 'conv3', out: 2, kernel: 3, stride: 1 },
  { name: 'up2', out: 1, kernel: 4, stride: 2 },
  { name: 'conv4', out: 1, kernel: 3, stride: 1 },
  { name: 'up3', out: 1, kernel: 4, stride: 2 },
];

/** Every array of encoder and decoder by name, with its shape in PyTorch's layout. */
export function vaeShapes({ side, width, latentSize }: VaeSize): Map<string, number[]> {
  const shapes = new Map<string, number[]>();
  const convolution = (name: string, out: number, input: number, kernel: number) => {
    shapes.set(`${name}.weight`, [out, input, kernel, kernel]);
    shapes.set(`${name}.bias`, [out]);
  };
  const transposed = (name: string, input: number, out: number, kernel: number) => {
    shapes.set(`${name}.weight`, [input, out, kernel, kernel]);
    shapes.set(`${name}.bias`, [out]);
  };
  const core = side / VAE_SIZE_MULTIPLE;
  let channels = CHANNELS;
  for (const { name, out, kernel } of ENCODER) {
    convolution(`encoder.${name}`, out * width, channels, kernel);
    channels = out * width;
  }
  convolution('encoder.latent', 2 * latentSize, channels, core);
  transposed('decoder.latent', latentSize, width, core);
  channels = width;
  for (const { name, out, kernel, stride } of DECODER) {
    const layer = stride === 2 ? transposed : convolution;
    const sizes: [number, number] =
      stride === 2 ? [channels, out * width] : [out * width, channels];
    layer(`decoder.${name}`, ...sizes, kernel);
    channels = out * width;
  }
  transposed('decoder.output', channels, 2 * CHANNELS, 4);
  return shapes;
}

/** A Gaussian of independent numbers. */
export interface Gaussian {
  mean: Tensor4D;
  /** log sigma^2. */
  logVariance: Tensor4D;
}

/**
 * q(z | x): what latent vector an image may have come from.
 *
 * @param x [b, side, side, 3]
 * @returns [b, 1, 1, latentSize] each
 */
export function encode(store: ParameterStore, x: Tensor4D): Gaussian {
  let y = x;
  for (const { name, stride } of ENCODER) {
    y = leakyRelu(convolve(store, `encoder.${name}`, y, stride, 1), LEAKY_SLOPE);
  }
  const [mean, logVariance] = tf.split<Tensor4D>(convolve(store, 'encoder.latent', y, 1, 0), 2, 3);
  return { mean, logVariance };
}

/**
 * p(x | z): what images a latent vector may stand for, pixel by pixel.
 *
 * @param z [b, 1, 1, latentSize]
 * @returns [b, side, side, 6]: the mean of each colour, then what `pixelGaussian` makes its variance of
 */
export function decode(store: ParameterStore, z: Tensor4D): Tensor4D {
  let y = leakyRelu(enlarge(store, 'decoder.latent', z), LEAKY_SLOPE);
  for (const { name, stride } of DECODER) {
    y = leakyRelu(
      stride === 2
        ? enlarge(store, `decoder.${name}`, y, 2, 1)
        : convolve(store, `decoder.${name}`, y, 1, 1),
      LEAKY_SLOPE,
    );
  }
  return enlarge(store, 'decoder.output', y, 2, 1);
}

function convolve(
  store: ParameterStore,
  name: string,
  x: Tensor4D,
  stride: number,
  padding: number,
): Tensor4D {
  const y = conv2d(x, store.get<Tensor4D>(`${name}.weight`), stride, padding);
  return biasAdd(y, store.get<Tensor1D>(`${name}.bias`));
}

function enlarge(
  store: ParameterStore,
  name: string,
  x: Tensor4D,
  stride?: number,
  padding?: number,
): Tensor4D {
  const y = conv2dTranspose(x, store.get<Tensor4D>(`${name}.weight`), stride, padding);
  return biasAdd(y, store.get<Tensor1D>(`${name}.bias`));
}
