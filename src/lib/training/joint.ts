import { detach, square, tf } from '../engine/index';
import type { Scalar, Tensor, Tensor4D, Variable } from '../engine/index';
import { reconstructionLoss } from '../losses/reconstruction';
import { similarityLoss } from '../losses/similarity';
import { reconstruct } from '../models/auto-encoder';
import type { AutoEncoders } from '../models/auto-encoder';
import { BatchStatistics } from '../models/batch-statistics';
import type { ParameterStore } from '../models/parameter-store';
import { resnet18 } from '../models/resnet18';
import type { FeaturePyramid } from '../models/resnet18';
import type { NamedArrays } from '../weights/named-arrays';
import { clipping, gradientsOf, Sgd } from './optimisers';
import type { JointConfig } from './config';
import { whereCounted } from './level-weights';
import { ofPrefix, withPrefix } from './recipe';
import type { Batch, Recipe } from './recipe';

const VELOCITY = 'velocity.';

/** What the recipe reads of its configuration. */
export type JointSettings = Pick<
  JointConfig,
  | 'alpha'
  | 'autoEncoderLearningRate'
  | 'clipNorm'
  | 'clipOver'
  | 'dynamicAlpha'
  | 'frozenEpochs'
  | 'learningRate'
  | 'mode'
  | 'momentum'
  | 'reconstruction'
  | 'stopGradient'
  | 'weightDecay'
> &
  Partial<Pick<JointConfig, 'precision'>>;

/** The numbers of one step. */
export interface JointNumbers extends Record<string, number> {
  /** L_tot / batch. */
  loss: number;
  /** L_sim / batch. */
  similarity: number;
  /** L_tot, summed over the batch, as the paper reports it. */
  total: number;
  /** L_rec, summed over the batch. */
  reconstruction: number;
  /** Before clipping. */
  gradientNorm: number;
  /** 1 if the gradient was shortened: over an epoch, the share of its steps. */
  clipped: number;
  alpha: number;
  /** Mean length of F_s over batch and positions, by level. */
  norm1: number;
  norm2: number;
  norm3: number;
}

function detached(features: FeaturePyramid): FeaturePyramid {
  return features.map(detach) as FeaturePyramid;
}

/** Mean over batch and positions of ||x||. */
function meanLength(x: Tensor4D): number {
  return tf.tidy(() => {
    const lengths = tf.sqrt(tf.sum(square(x), -1));
    return tf.mean(lengths).dataSync<'float32'>()[0];
  });
}

const valueOf = (scalar: Scalar) => scalar.dataSync<'float32'>()[0];

/**
 * Joint training (paper, section 3): student and auto-encoders together, L_tot = alpha L_rec + L_sim, where
 * R_s = A(F_s) is compared with the teacher in F_s's place. In the first epochs the auto-encoders stay as they are,
 * while gradients flow through them into the student.
 */
export class JointRecipe implements Recipe {
  readonly perStep = new Set(['total', 'reconstruction', 'gradientNorm', 'clipped', 'alpha']);

  private readonly studentOptimiser: Sgd;
  private readonly autoEncoderOptimiser: Sgd;
  private readonly statistics = new BatchStatistics();

  constructor(
    readonly student: ParameterStore,
    readonly autoEncoders: AutoEncoders,
    private readonly settings: JointSettings,
  ) {
    const { learningRate, autoEncoderLearningRate, momentum, weightDecay } = settings;
    const shared = { momentum, weightDecay };
    this.studentOptimiser = new Sgd(student.parameters, { learningRate, ...shared });
    this.autoEncoderOptimiser = new Sgd(autoEncoders.store.parameters, {
      learningRate: autoEncoderLearningRate,
      ...shared,
    });
  }

  /** Whether the auto-encoders are left alone in this epoch, their momentum included. */
  isFrozen(epoch: number): boolean {
    const { mode, frozenEpochs } = this.settings;
    return mode === 'frozen' || epoch <= frozenEpochs;
  }

  step({ images, teacher, weights }: Batch, epoch: number): JointNumbers {
    const [batchSize] = images.shape;
    const isFrozen = this.isFrozen(epoch);
    const isStudentAlone = isFrozen && this.settings.clipOver === 'updated';
    const differentiated: ReadonlyMap<string, Variable> = isStudentAlone
      ? this.student.parameters
      : new Map([...this.student.parameters, ...this.autoEncoders.store.parameters]);
    let numbers = { similarity: NaN, reconstruction: NaN, alpha: NaN, norms: [] as number[] };

    const { value, gradients, dispose } = gradientsOf(() => {
      const { precision } = this.settings;
      const features = resnet18(this.student, images, this.statistics, precision);
      const reconstructions = reconstruct(this.autoEncoders, features, precision);
      const similarity = similarityLoss(reconstructions, teacher, weights);
      const counted = (each: FeaturePyramid) => (weights ? whereCounted(each, weights) : each);
      const reconstruction = this.reconstructionLoss(counted(reconstructions), counted(features));
      const alpha = this.alphaFor(valueOf(similarity), valueOf(reconstruction));
      numbers = {
        similarity: valueOf(similarity) / batchSize,
        reconstruction: valueOf(reconstruction),
        alpha,
        norms: features.map(meanLength),
      };
      return alpha === 0 ? similarity : tf.add<Scalar>(similarity, tf.mul(reconstruction, alpha));
    }, differentiated);

    const { norm, scale } = clipping(gradients.values(), this.settings.clipNorm);
    if (Number.isFinite(value) && Number.isFinite(norm)) this.update(gradients, scale, isFrozen);
    this.statistics.dispose();
    dispose();
    const { norms, ...rest } = numbers;
    return {
      loss: Number.isFinite(norm) ? value / batchSize : NaN,
      ...rest,
      total: value,
      gradientNorm: norm,
      clipped: scale < 1 ? 1 : 0,
      norm1: norms[0],
      norm2: norms[1],
      norm3: norms[2],
    };
  }

  /** L_rec of the step: no gradient where alpha is 0, none through its target with the stop-gradient option. */
  private reconstructionLoss(reconstructions: FeaturePyramid, features: FeaturePyramid): Scalar {
    const { alpha, dynamicAlpha, reconstruction, stopGradient } = this.settings;
    const isObserved = alpha === 0 && dynamicAlpha === null;
    return reconstructionLoss(
      isObserved ? detached(reconstructions) : reconstructions,
      isObserved || stopGradient ? detached(features) : features,
      reconstruction,
    );
  }

  /** The weight of L_rec: a constant, or whatever makes alpha L_rec a given share of L_sim. */
  private alphaFor(similarity: number, reconstruction: number): number {
    const { alpha, dynamicAlpha } = this.settings;
    if (dynamicAlpha === null) return alpha;
    return reconstruction === 0 ? 0 : (dynamicAlpha * similarity) / reconstruction;
  }

  private update(gradients: Map<string, Tensor>, scale: number, isFrozen: boolean): void {
    this.studentOptimiser.step(gradients, scale);
    if (!isFrozen) this.autoEncoderOptimiser.step(gradients, scale);
    this.statistics.applyTo(this.student);
  }

  model(): NamedArrays {
    return new Map([...this.student.toArrays(), ...this.autoEncoders.store.toArrays()]);
  }

  state(): NamedArrays {
    return new Map([
      ...this.model(),
      ...withPrefix(VELOCITY, this.studentOptimiser.state()),
      ...withPrefix(VELOCITY, this.autoEncoderOptimiser.state()),
    ]);
  }

  restore(state: NamedArrays): void {
    this.student.assign(state);
    this.autoEncoders.store.assign(state);
    const velocities = ofPrefix(VELOCITY, state);
    this.studentOptimiser.restore(velocities);
    this.autoEncoderOptimiser.restore(velocities);
  }

  dispose(): void {
    this.studentOptimiser.dispose();
    this.autoEncoderOptimiser.dispose();
    this.statistics.dispose();
  }
}
