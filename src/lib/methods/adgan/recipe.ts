import { tf } from '../../engine/index';
import type { Scalar, Tensor4D } from '../../engine/index';
import { BatchStatistics } from '../../models/batch-statistics';
import type { ParameterStore } from '../../models/parameter-store';
import { Adam, gradientsOf } from '../../training/optimisers';
import { ofPrefix, withPrefix } from '../../training/recipe';
import type { ImagesBatch, Recipe } from '../../training/recipe';
import type { NamedArray, NamedArrays } from '../../weights/named-arrays';
import { seededNoise } from '../latent-noise';
import type { LatentNoise } from '../latent-noise';
import { discriminate, generate } from './dcgan';

/** What the parts of the state are called. */
const PART = {
  generator: 'generator.',
  discriminator: 'discriminator.',
  generatorAdam: 'adam.generator.',
  discriminatorAdam: 'adam.discriminator.',
  steps: 'steps',
};

/** DCGAN's: with the usual 0.9 training swings and does not settle (Radford et al., 2016). */
const BETA1 = 0.5;

/** What the recipe reads of its configuration. */
export interface AdganRecipeSettings {
  /** Of both Adams. */
  learningRate: number;
  /** Numbers in a latent vector. */
  latentSize: number;
  /** Seeds the latent vectors. */
  seed: number;
}

/** The numbers of one step. */
export interface AdganNumbers extends Record<string, number> {
  /** Of both networks together. */
  loss: number;
  /** -log D(x) - log(1 - D(G(z))). */
  discriminator: number;
  /** -log D(G(z)). */
  generator: number;
}

/** The mean over the batch of -log of the probability that these verdicts give to `isReal`. */
function crossEntropy(verdicts: Tensor4D, isReal: boolean): Scalar {
  return tf.mean(tf.softplus(isReal ? tf.neg(verdicts) : verdicts));
}

/**
 * The game of a generative adversarial network (Goodfellow et al., 2014), which ADGAN begins with: a step of the
 * discriminator, then one of the generator against it, with the loss that does not saturate. Latent vectors depend on
 * the seed and the number of the step alone.
 */
export class AdganRecipe implements Recipe<ImagesBatch> {
  private readonly generatorOptimiser: Adam;
  private readonly discriminatorOptimiser: Adam;
  private readonly statistics = new BatchStatistics();
  /** Takes what is not to be applied. */
  private readonly ignored = new BatchStatistics();
  private steps = 0;

  /** @param noise the latent vectors of a step, counted from 0; default: from N(0, 1), by the seed */
  constructor(
    readonly generator: ParameterStore,
    readonly discriminator: ParameterStore,
    private readonly settings: AdganRecipeSettings,
    private readonly noise: LatentNoise = seededNoise(settings.seed),
  ) {
    const options = { learningRate: settings.learningRate, beta1: BETA1 };
    this.generatorOptimiser = new Adam(generator.parameters, options);
    this.discriminatorOptimiser = new Adam(discriminator.parameters, options);
  }

  step({ images }: ImagesBatch): AdganNumbers {
    const { latentSize } = this.settings;
    const [count] = images.shape;
    const noise = this.noise(this.steps, count * latentSize);
    const latent = tf.tensor4d(noise, [count, 1, 1, latentSize]);
    const discriminator = this.stepDiscriminator(images, latent);
    const generator = this.stepGenerator(latent);
    latent.dispose();
    this.steps++;
    return { loss: discriminator + generator, discriminator, generator };
  }

  private stepDiscriminator(images: Tensor4D, latent: Tensor4D): number {
    const generated = tf.tidy(() => generate(this.generator, latent, this.ignored));
    const { value, gradients, dispose } = gradientsOf(() => {
      // Two batches, each with statistics of its own.
      const [real, fake] = [images, generated].map((x) =>
        discriminate(this.discriminator, x, this.ignored),
      );
      return tf.add<Scalar>(crossEntropy(real, true), crossEntropy(fake, false));
    }, this.discriminator.parameters);
    if (Number.isFinite(value)) this.discriminatorOptimiser.step(gradients);
    dispose();
    generated.dispose();
    this.ignored.dispose();
    return value;
  }

  private stepGenerator(latent: Tensor4D): number {
    const { value, gradients, dispose } = gradientsOf(() => {
      const generated = generate(this.generator, latent, this.statistics);
      return crossEntropy(discriminate(this.discriminator, generated, this.ignored), true);
    }, this.generator.parameters);
    if (Number.isFinite(value)) {
      this.generatorOptimiser.step(gradients);
      this.statistics.applyTo(this.generator);
    }
    dispose();
    this.statistics.dispose();
    this.ignored.dispose();
    return value;
  }

  /** The generator alone: the search needs no discriminator. */
  model(): NamedArrays {
    return this.generator.toArrays();
  }

  state(): NamedArrays {
    return new Map([
      ...withPrefix(PART.generator, this.generator.toArrays()),
      ...withPrefix(PART.discriminator, this.discriminator.toArrays()),
      ...withPrefix(PART.generatorAdam, this.generatorOptimiser.state()),
      ...withPrefix(PART.discriminatorAdam, this.discriminatorOptimiser.state()),
      [PART.steps, { shape: [1], data: Float32Array.of(this.steps) }],
    ]);
  }

  restore(state: NamedArrays): void {
    this.generator.assign(ofPrefix(PART.generator, state));
    this.discriminator.assign(ofPrefix(PART.discriminator, state));
    this.generatorOptimiser.restore(ofPrefix(PART.generatorAdam, state));
    this.discriminatorOptimiser.restore(ofPrefix(PART.discriminatorAdam, state));
    [this.steps] = (state.get(PART.steps) as NamedArray).data;
  }

  dispose(): void {
    this.generatorOptimiser.dispose();
    this.discriminatorOptimiser.dispose();
    this.statistics.dispose();
    this.ignored.dispose();
  }
}
