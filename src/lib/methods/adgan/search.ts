import { square, tf } from '../../engine/index';
import type { Scalar, Tensor, Tensor4D, Variable } from '../../engine/index';
import { sumOfSquaredDifferences } from '../../losses/reconstruction';
import { ParameterStore } from '../../models/parameter-store';
import { Random } from '../../random/random';
import { Adam, gradientsOf } from '../../training/optimisers';
import { generate } from './dcgan';

const COLOURS = 3;

/** How the images' latent vectors are searched for. */
export interface SearchSettings {
  /** Numbers in a latent vector. */
  latentSize: number;
  /** n_seed, starting points for each image. */
  seeds: number;
  /** Steps in which the latent vectors alone change. */
  latentSteps: number;
  /** k, steps in which each starting point's own copy of the generator changes too. */
  jointSteps: number;
  /** gamma, of Adam on the latent vectors. */
  latentLearningRate: number;
  /** gamma_theta, of Adam on the generator. */
  generatorLearningRate: number;
  /** Seeds the starting points. */
  seed: number;
}

/** What the search could not reproduce of one image. */
export interface SearchResult {
  /** Mean over the starting points of the final loss, the squared difference averaged over pixels and colours. */
  score: number;
  /** The same for each pixel: [side, side], row-major. */
  residual: Float32Array;
}

/**
 * ADGAN's search (Deecke et al., 2018, algorithm 1): from several points of the latent space, each with a copy of the
 * generator of its own, down the squared difference between what is generated and the image, in the latent vector and
 * in the generator's parameters both. What stays different is anomalous. Batch norms are in inference mode.
 *
 * The paper changes both from the first step on; so does this one with `latentSteps` 0. Otherwise the latent vectors
 * first come near the image alone, all images and starting points in one batch, and the copies, which cannot share
 * one, are needed for the last steps only. All images start from the same points, so that a verdict does not depend on
 * what else is judged; the generator is the trained one again for each.
 */
export class LatentSearch {
  /** The copy that is changed. */
  private readonly copy: ParameterStore;
  /** [seeds, 1, 1, latentSize] */
  private readonly starts: Tensor4D;

  /**
   * @param generator stays the caller's, and as it is
   * @param starts the starting points, one after the other; default: from N(0, 1), by the seed
   */
  constructor(
    private readonly generator: ParameterStore,
    private readonly settings: SearchSettings,
    starts: Float32Array = seededStarts(settings),
  ) {
    const { seeds, latentSize } = settings;
    this.copy = ParameterStore.fromArrays(generator.toArrays());
    this.starts = tf.keep(tf.tensor4d(starts, [seeds, 1, 1, latentSize]));
  }

  /**
   * Yields to the event loop between steps.
   *
   * @param images [n, side, side, 3], from -1 to 1
   */
  async search(images: Tensor4D): Promise<SearchResult[]> {
    const { seeds } = this.settings;
    const count = images.shape[0];
    const latents = await this.searchLatents(images);
    try {
      const results: SearchResult[] = [];
      for (let i = 0; i < count; i++) {
        const image = tf.slice(images, i, 1) as Tensor4D;
        const residuals: Tensor[] = [];
        for (let j = 0; j < seeds; j++) {
          residuals.push(
            this.searchJointly(image, tf.slice(latents, i * seeds + j, 1) as Tensor4D),
          );
          await new Promise(setImmediate);
        }
        const mean = tf.tidy(() => tf.mean(tf.concat(residuals), 0));
        const residual = mean.dataSync<'float32'>();
        tf.dispose([image, mean, ...residuals]);
        const total = residual.reduce((sum, value) => sum + value, 0);
        results.push({ score: total / residual.length, residual });
      }
      return results;
    } finally {
      latents.dispose();
    }
  }

  /** @returns for each image, one after the other, its latent vectors: [n seeds, 1, 1, latentSize] */
  private async searchLatents(images: Tensor4D): Promise<Tensor4D> {
    const { seeds, latentSize, latentSteps, latentLearningRate } = this.settings;
    const [count, height, width] = images.shape;
    const [z, targets] = tf.tidy(() => [
      tf.variable(tf.tile(this.starts, [count, 1, 1, 1])),
      tf.reshape(tf.tile(images, [1, seeds, 1, 1]), [count * seeds, height, width, COLOURS]),
    ]) as [Variable, Tensor4D];
    const parameters = new Map([['z', z]]);
    const optimiser = new Adam(parameters, { learningRate: latentLearningRate });
    try {
      for (let step = 0; step < latentSteps; step++) {
        const { gradients, dispose } = gradientsOf(
          () => sumOfSquaredDifferences(generate(this.generator, z as Tensor as Tensor4D), targets),
          parameters,
        );
        optimiser.step(gradients);
        dispose();
        await new Promise(setImmediate);
      }
      return tf.tidy(() => tf.reshape(z, [count * seeds, 1, 1, latentSize]) as Tensor4D);
    } finally {
      optimiser.dispose();
      tf.dispose([z, targets]);
    }
  }

  /**
   * From one latent vector, with the copy.
   *
   * @param start [1, 1, 1, latentSize]; disposed of
   * @returns the final squared difference at each pixel, the mean of its colours: [1, side, side]
   */
  private searchJointly(image: Tensor4D, start: Tensor4D): Tensor {
    const { jointSteps, latentLearningRate, generatorLearningRate } = this.settings;
    const z = tf.variable(start);
    start.dispose();
    const latent = new Map<string, Variable>([['z', z]]);
    const generated = () => generate(this.copy, z as Tensor as Tensor4D);
    if (jointSteps > 0) {
      this.copy.copyFrom(this.generator);
      const optimisers = [
        new Adam(latent, { learningRate: latentLearningRate }),
        new Adam(this.copy.parameters, { learningRate: generatorLearningRate }),
      ];
      for (let step = 0; step < jointSteps; step++) {
        const { gradients, dispose } = gradientsOf(
          () => tf.div<Scalar>(sumOfSquaredDifferences(generated(), image), image.size),
          new Map([...latent, ...this.copy.parameters]),
        );
        for (const optimiser of optimisers) optimiser.step(gradients);
        dispose();
      }
      for (const optimiser of optimisers) optimiser.dispose();
    }
    const residual = tf.tidy(() => tf.mean(square(tf.sub(generated(), image)), -1));
    z.dispose();
    return residual;
  }

  dispose(): void {
    this.copy.dispose();
    this.starts.dispose();
  }
}

function seededStarts({ seed, seeds, latentSize }: SearchSettings): Float32Array {
  return Random.fromSeed(seed)
    .fork('starting points')
    .normals(seeds * latentSize);
}
