import { tf } from '../../engine/index';
import type { Scalar, Tensor4D } from '../../engine/index';
import type { ParameterStore } from '../../models/parameter-store';
import { Adam, gradientsOf } from '../../training/optimisers';
import { ofPrefix, withPrefix } from '../../training/recipe';
import type { ImagesBatch, Recipe } from '../../training/recipe';
import type { NamedArray, NamedArrays } from '../../weights/named-arrays';
import { seededNoise } from '../step-noise';
import type { StepNoise } from '../step-noise';
import { kullbackLeibler, negativeLogLikelihood } from './likelihood';
import { decode, encode } from './network';
import type { Gaussian } from './network';

const ADAM = 'adam.';
const STEPS = 'steps';

/** What the recipe reads of its configuration. */
export interface VaeRecipeSettings {
  /** Of Adam. */
  learningRate: number;
  /** Seeds the latent vectors. */
  seed: number;
  /** Weight of the Kullback-Leibler divergence. */
  beta: number;
  /** First epochs, in which that weight still grows, step by step from epoch to epoch. */
  warmUpEpochs: number;
  minLogVariance: number;
}

/**
 * z = mu + sigma epsilon: a latent vector of q(z | x) through which gradients flow (Kingma & Welling, 2014, section 2.4).
 *
 * @param noise epsilon, from N(0, 1), of the shape of the mean or one that is broadcast to it
 */
export function sampleLatent({ mean, logVariance }: Gaussian, noise: Tensor4D): Tensor4D {
  return tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), noise));
}

/**
 * The variational auto-encoder's training (An & Cho, 2015, section 2.4): the evidence lower bound, with one latent
 * vector for each image in each step. Its noise depends on the seed and the number of the step alone.
 */
export class VaeRecipe implements Recipe<ImagesBatch> {
  readonly perStep = new Set(['beta']);

  private readonly optimiser: Adam;
  private steps = 0;

  /** @param noise of a step, counted from 0; default: from N(0, 1), by the seed */
  constructor(
    readonly store: ParameterStore,
    private readonly settings: VaeRecipeSettings,
    private readonly noise: StepNoise = seededNoise(settings.seed),
  ) {
    this.optimiser = new Adam(store.parameters, settings);
  }

  /** The weight of the divergence in an epoch, counted from 1. */
  betaIn(epoch: number): number {
    const { beta, warmUpEpochs } = this.settings;
    return beta * Math.min(1, epoch / (warmUpEpochs + 1));
  }

  /**
   * @returns `loss`, the bound with the divergence weighted by `beta`, and `negativeLogLikelihood`, both in nats for
   *   each number of an image, of which there are pixels x colours; `divergence`, in nats for an image
   */
  step({ images }: ImagesBatch, epoch: number): VaeNumbers {
    const [batchSize] = images.shape;
    const beta = this.betaIn(epoch);
    let [likelihood, divergence] = [NaN, NaN];
    const { value, gradients, dispose } = gradientsOf(() => {
      const latent = encode(this.store, images);
      const { shape } = latent.mean;
      const noise = this.noise(this.steps, latent.mean.size);
      const output = decode(this.store, sampleLatent(latent, tf.tensor4d(noise, shape)));
      const reconstruction = negativeLogLikelihood(output, images, this.settings.minLogVariance);
      const prior = kullbackLeibler(latent);
      [likelihood] = reconstruction.dataSync<'float32'>();
      [divergence] = prior.dataSync<'float32'>();
      const bound = tf.add(reconstruction, tf.mul(prior, beta));
      return tf.div<Scalar>(bound, images.size);
    }, this.store.parameters);
    if (Number.isFinite(value)) this.optimiser.step(gradients);
    dispose();
    this.steps++;
    return {
      loss: value,
      negativeLogLikelihood: likelihood / images.size,
      divergence: divergence / batchSize,
      beta,
    };
  }

  model(): NamedArrays {
    return this.store.toArrays();
  }

  state(): NamedArrays {
    return new Map([
      ...this.model(),
      ...withPrefix(ADAM, this.optimiser.state()),
      [STEPS, { shape: [1], data: Float32Array.of(this.steps) }],
    ]);
  }

  restore(state: NamedArrays): void {
    this.store.assign(state);
    this.optimiser.restore(ofPrefix(ADAM, state));
    [this.steps] = (state.get(STEPS) as NamedArray).data;
  }

  dispose(): void {
    this.optimiser.dispose();
  }
}

/** The numbers of one step. */
export interface VaeNumbers extends Record<string, number> {
  loss: number;
  negativeLogLikelihood: number;
  divergence: number;
  beta: number;
}
