import { gaussianBlur } from '../../anomaly-map/gaussian-blur';
import { imageScore } from '../../anomaly-map/map-values';
import type { ImageSize } from '../../metrics/scores';
import { imageOf } from '../../data/image';
import type { ImageStack } from '../../data/image';
import type { ResizeFilter } from '../../data/resample';
import { resizeBilinear, tf } from '../../engine/index';
import type { Tensor, Tensor3D, Tensor4D } from '../../engine/index';
import type { ParameterStore } from '../../models/parameter-store';
import { Random } from '../../random/random';
import { resizedStack, windowBatch } from '../windows';
import type { PixelRange, Window } from '../windows';
import { negativeLogLikelihoodMap, squaredErrorMap } from './likelihood';
import { decode, encode } from './network';
import { sampleLatent } from './recipe';

/** What the networks see of a byte: shares of white. */
export const VAE_RANGE: PixelRange = [0, 1];

const COLOURS = 3;

/** Windows whose latent vectors are decoded together: 80 images at 10 latent vectors each. */
const WINDOWS_AT_ONCE = 8;

/** How images are judged. */
export interface VaeJudgeSettings {
  /** Side of the windows, in pixels. */
  side: number;
  /** How far windows of larger images are apart. Null: the image is seen whole, resized to a window. */
  stride: number | null;
  resizeFilter: ResizeFilter;
  /** L, latent vectors for each window. */
  samples: number;
  minLogVariance: number;
  /** What the map shows: -log p, or the squared error of mu_x alone, which knows nothing of sigma_x. */
  map: 'likelihood' | 'error';
  /** Standard deviation of the Gaussian that smooths the map, in pixels of the image; 0: none. */
  smoothing: number;
  /** 'max': the largest value of the map. 'sum': the paper's -log p of the whole image, in nats. */
  imageScore: 'max' | 'sum';
  seed: number;
}

/** What the networks say of one image. */
export interface VaeJudgement {
  score: number;
  /** Row-major, at the image size. */
  map: Float32Array;
}

/**
 * The reconstruction probability (An & Cho, 2015, algorithm 4): L latent vectors of q(z | x) are decoded, and the score
 * is -1/L sum over l of log p(x | z_l), the mean of logarithms. Every window meets the same L draws of noise, so that a
 * verdict does not depend on what else is judged.
 */
export class VaeJudge {
  /** [1, L, 1, latentSize] */
  private readonly noise: Tensor4D;

  /** @param latentSize of the networks */
  constructor(
    private readonly store: ParameterStore,
    latentSize: number,
    private readonly settings: VaeJudgeSettings,
  ) {
    const { samples, seed } = settings;
    const random = Random.fromSeed(seed).fork('latent vectors of a test image');
    const values = random.normals(samples * latentSize);
    this.noise = tf.keep(tf.tensor4d(values, [1, samples, 1, latentSize]));
  }

  judge(stack: ImageStack, index: number): VaeJudgement {
    const { stride, resizeFilter, side, smoothing } = this.settings;
    const size = { height: side, width: side };
    const { likelihood, map } =
      stride === null
        ? this.judgeWhole(resizedStack(stack, size, resizeFilter, [index]), stack)
        : this.judgeParts({ ...imageOf(stack, index), count: 1 }, stride);
    const smooth = smoothing > 0 ? gaussianBlur(map, stack, smoothing) : map;
    const score = this.settings.imageScore === 'max' ? imageScore(smooth) : likelihood;
    return { score, map: smooth };
  }

  /** @param image resized to a window @param size of the map */
  private judgeWhole(image: ImageStack, size: ImageSize): Maps {
    const [likelihood, shown] = this.mapsOf(image, [{ image: 0, left: 0, top: 0 }]);
    const map = tf.tidy(() => {
      const { side } = this.settings;
      return resizeBilinear(tf.tensor4d(shown, [1, side, side, 1]), size);
    });
    const enlarged = map.dataSync<'float32'>();
    map.dispose();
    return { likelihood: COLOURS * sum(likelihood), map: enlarged };
  }

  /** Each pixel has the mean of the windows that cover it. */
  private judgeParts(image: ImageStack, stride: number): Maps {
    const { side } = this.settings;
    const { height, width } = image;
    const windows = positions(height, side, stride).flatMap((top) =>
      positions(width, side, stride).map((left): Window => ({ image: 0, left, top })),
    );
    const sums = {
      likelihood: new Float32Array(height * width),
      map: new Float32Array(height * width),
    };
    const counts = new Uint16Array(height * width);
    for (let start = 0; start < windows.length; start += WINDOWS_AT_ONCE) {
      const part = windows.slice(start, start + WINDOWS_AT_ONCE);
      const [likelihood, shown] = this.mapsOf(image, part);
      let from = 0;
      for (const { left, top } of part) {
        for (let row = top; row < top + side; row++) {
          for (let to = row * width + left; to < row * width + left + side; to++, from++) {
            sums.likelihood[to] += likelihood[from];
            sums.map[to] += shown[from];
            counts[to]++;
          }
        }
      }
    }
    const mean = (values: Float32Array) => values.map((value, i) => value / counts[i]);
    return { likelihood: COLOURS * sum(mean(sums.likelihood)), map: mean(sums.map) };
  }

  /**
   * -log p(x | z) and the map that is shown of some windows, means of colours and latent vectors.
   *
   * @returns [windows.length, side, side] each, row-major
   */
  private mapsOf(image: ImageStack, windows: readonly Window[]): [Float32Array, Float32Array] {
    const { side, minLogVariance, map } = this.settings;
    const maps = tf.tidy(() => {
      const x = windowBatch(image, windows, side, VAE_RANGE);
      const latent = sampleLatent(encode(this.store, x), this.noise);
      const [count, samples, , latentSize] = latent.shape;
      const output = decode(this.store, tf.reshape(latent, [count * samples, 1, 1, latentSize]));
      // Each window beside each of its reconstructions.
      const repeated = tf.reshape(tf.tile(x, [1, samples, 1, 1]), [
        count * samples,
        side,
        side,
        COLOURS,
      ]);
      const meanOfSamples = (values: Tensor3D) =>
        tf.mean(tf.reshape(values, [count, samples, side * side]), 1);
      const likelihood = meanOfSamples(
        negativeLogLikelihoodMap(output, repeated as Tensor4D, minLogVariance),
      );
      const shown =
        map === 'likelihood'
          ? likelihood
          : meanOfSamples(squaredErrorMap(output, repeated as Tensor4D));
      return [likelihood, shown];
    }) as [Tensor, Tensor];
    const values = maps.map((tensor) => tensor.dataSync<'float32'>());
    tf.dispose(maps);
    return values as [Float32Array, Float32Array];
  }

  dispose(): void {
    this.noise.dispose();
  }
}

interface Maps {
  /** -log p of the whole image, in nats. */
  likelihood: number;
  map: Float32Array;
}

/** Where windows begin along an axis, so that they cover it; the last ends with it. */
function positions(size: number, side: number, stride: number): number[] {
  const begins: number[] = [];
  for (let begin = 0; begin + side < size; begin += stride) begins.push(begin);
  return [...begins, size - side];
}

function sum(values: Float32Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
