import { tf } from '../../engine/index';
import type { Scalar, Tensor4D } from '../../engine/index';
import { BatchStatistics } from '../../models/batch-statistics';
import type { ParameterStore } from '../../models/parameter-store';
import { Adam, gradientsOf } from '../../training/optimisers';
import { ofPrefix, withPrefix } from '../../training/recipe';
import { WeightAverage } from '../../training/weight-average';
import type { ImagesBatch, Recipe } from '../../training/recipe';
import type { NamedArray, NamedArrays } from '../../weights/named-arrays';
import { seededNoise } from '../step-noise';
import type { StepNoise } from '../step-noise';
import { discriminate, generate } from './dcgan';

/** What the parts of the state are called. */
const PART = {
  generator: 'generator.',
  discriminator: 'discriminator.',
  average: 'average.',
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
  /** Seeds the latent vectors, and the noise on images. */
  seed: number;
  /**
   * Standard deviation, in the first epoch, of the noise on all that the discriminator sees, real or generated; from
   * epoch to epoch it falls towards 0. Black is -1 and white 1.
   */
  instanceNoise: number;
  /** In which it falls. */
  epochs: number;
  /** How much a step keeps of the average of the generator's weights, once there have been many. */
  averageDecay: number;
}

/** Where the numbers of a step come from, for tests. */
export interface AdganNoise {
  latent: StepNoise;
  /** Before it is scaled. */
  instance: StepNoise;
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
 * discriminator, then one of the generator against it, with the loss that does not saturate.
 *
 * A few hundred images that are almost the same cover so little of the space that the discriminator soon tells every
 * generated one from them without a doubt, and has nothing left to teach. Noise on both makes them overlap (Arjovsky &
 * Bottou, 2017; Sønderby et al., 2017, who call it instance noise).
 *
 * The model is the average of the generator's weights over the last steps, since each step trades one flaw for another
 * (Yazici et al., 2019). All that is random depends on the seed and the number of the step alone.
 */
export class AdganRecipe implements Recipe<ImagesBatch> {
  private readonly generatorOptimiser: Adam;
  private readonly discriminatorOptimiser: Adam;
  private readonly statistics = new BatchStatistics();
  /** Takes what is not to be applied. */
  private readonly ignored = new BatchStatistics();
  private readonly average: WeightAverage;
  private readonly noise: AdganNoise;
  private steps = 0;

  /** @param noise by the number of the step, counted from 0; default: from N(0, 1), by the seed */
  constructor(
    readonly generator: ParameterStore,
    readonly discriminator: ParameterStore,
    private readonly settings: AdganRecipeSettings,
    noise: Partial<AdganNoise> = {},
  ) {
    const { learningRate, seed } = settings;
    const options = { learningRate, beta1: BETA1 };
    this.generatorOptimiser = new Adam(generator.parameters, options);
    this.discriminatorOptimiser = new Adam(discriminator.parameters, options);
    this.average = new WeightAverage(generator, settings.averageDecay);
    this.noise = {
      latent: seededNoise(seed),
      instance: seededNoise(seed, 'instance noise'),
      ...noise,
    };
  }

  /** The standard deviation of the noise on images in an epoch, counted from 1. */
  instanceNoiseIn(epoch: number): number {
    const { instanceNoise, epochs } = this.settings;
    return instanceNoise * (1 - (epoch - 1) / epochs);
  }

  step({ images }: ImagesBatch, epoch: number): AdganNumbers {
    const { latentSize } = this.settings;
    const [count] = images.shape;
    const draws = this.noise.latent(this.steps, count * latentSize);
    const latent = tf.tensor4d(draws, [count, 1, 1, latentSize]);
    const noise = this.drawInstanceNoise(images.shape, this.instanceNoiseIn(epoch));
    const discriminator = this.stepDiscriminator(images, latent, noise);
    const generator = this.stepGenerator(latent, noise);
    tf.dispose([latent, noise]);
    this.steps++;
    return { loss: discriminator + generator, discriminator, generator };
  }

  /** One noise for the real and the generated images of a step: what differs between them is then theirs alone. */
  private drawInstanceNoise(shape: Tensor4D['shape'], deviation: number): Tensor4D {
    if (deviation === 0) return tf.zeros(shape);
    const [count, height, width, colours] = shape;
    const draws = this.noise.instance(this.steps, count * height * width * colours);
    return tf.tidy(() => tf.mul(tf.tensor4d(draws, shape), deviation));
  }

  private stepDiscriminator(images: Tensor4D, latent: Tensor4D, noise: Tensor4D): number {
    const generated = tf.tidy(() => generate(this.generator, latent, this.ignored));
    const { value, gradients, dispose } = gradientsOf(() => {
      // Two batches, each with statistics of its own.
      const [real, fake] = [images, generated].map((x) =>
        discriminate(this.discriminator, tf.add(x, noise), this.ignored),
      );
      return tf.add<Scalar>(crossEntropy(real, true), crossEntropy(fake, false));
    }, this.discriminator.parameters);
    if (Number.isFinite(value)) this.discriminatorOptimiser.step(gradients);
    dispose();
    generated.dispose();
    this.ignored.dispose();
    return value;
  }

  private stepGenerator(latent: Tensor4D, noise: Tensor4D): number {
    const { value, gradients, dispose } = gradientsOf(() => {
      const seen = tf.add(generate(this.generator, latent, this.statistics), noise) as Tensor4D;
      return crossEntropy(discriminate(this.discriminator, seen, this.ignored), true);
    }, this.generator.parameters);
    if (Number.isFinite(value)) {
      this.generatorOptimiser.step(gradients);
      this.statistics.applyTo(this.generator);
      this.average.update();
    }
    dispose();
    this.statistics.dispose();
    this.ignored.dispose();
    return value;
  }

  /** The average of the generators alone: the search needs no discriminator. */
  model(): NamedArrays {
    return this.average.network.toArrays();
  }

  state(): NamedArrays {
    return new Map([
      ...withPrefix(PART.generator, this.generator.toArrays()),
      ...withPrefix(PART.discriminator, this.discriminator.toArrays()),
      ...withPrefix(PART.average, this.average.state()),
      ...withPrefix(PART.generatorAdam, this.generatorOptimiser.state()),
      ...withPrefix(PART.discriminatorAdam, this.discriminatorOptimiser.state()),
      [PART.steps, { shape: [1], data: Float32Array.of(this.steps) }],
    ]);
  }

  restore(state: NamedArrays): void {
    this.generator.assign(ofPrefix(PART.generator, state));
    this.discriminator.assign(ofPrefix(PART.discriminator, state));
    this.average.restore(ofPrefix(PART.average, state));
    this.generatorOptimiser.restore(ofPrefix(PART.generatorAdam, state));
    this.discriminatorOptimiser.restore(ofPrefix(PART.discriminatorAdam, state));
    [this.steps] = (state.get(PART.steps) as NamedArray).data;
  }

  dispose(): void {
    this.average.dispose();
    this.generatorOptimiser.dispose();
    this.discriminatorOptimiser.dispose();
    this.statistics.dispose();
    this.ignored.dispose();
  }
}
