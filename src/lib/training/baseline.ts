import { tf } from '../engine/index';
import type { Scalar } from '../engine/index';
import { similarityLoss } from '../losses/similarity';
import { BatchStatistics } from '../models/batch-statistics';
import type { ParameterStore } from '../models/parameter-store';
import { resnet18 } from '../models/resnet18';
import type { NamedArray, NamedArrays } from '../weights/named-arrays';
import type { BaselineConfig } from './config';
import { clipping, gradientsOf, Sgd } from './optimisers';
import { ofPrefix, withPrefix } from './recipe';
import type { Batch, Recipe } from './recipe';
import { WeightAverage } from './weight-average';

const VELOCITY = 'velocity.';
const AVERAGE = 'average.';
const STEPS = 'steps';

/** What the recipe reads of its configuration; the rest are variants that are off unless asked for. */
export type BaselineSettings = Pick<BaselineConfig, 'learningRate' | 'momentum' | 'weightDecay'> &
  Partial<
    Pick<
      BaselineConfig,
      'epochs' | 'learningRateDecay' | 'weightAverage' | 'warmUpSteps' | 'clipNorm' | 'precision'
    >
  >;

/**
 * STFPM (paper, section 2; Wang et al., 2021): the student learns, on normal images alone, to reproduce the teacher's
 * normalised features at every position of three levels.
 */
export class BaselineRecipe implements Recipe {
  private readonly optimiser: Sgd;
  private readonly statistics = new BatchStatistics();

  private readonly average: WeightAverage | null;
  /** Steps taken so far. */
  private steps = 0;

  constructor(
    readonly student: ParameterStore,
    private readonly config: BaselineSettings,
  ) {
    this.optimiser = new Sgd(student.parameters, config);
    const { weightAverage = null } = config;
    this.average = weightAverage === null ? null : new WeightAverage(student, weightAverage);
  }

  /** The student that is the model: the trained one, or its average. */
  get detecting(): ParameterStore {
    return this.average?.network ?? this.student;
  }

  step({ images, teacher, weights }: Batch, epoch = 1): { loss: number } {
    const [batchSize] = images.shape;
    const { value, gradients, dispose } = gradientsOf(() => {
      const features = resnet18(this.student, images, this.statistics, this.config.precision);
      return tf.div<Scalar>(similarityLoss(features, teacher, weights), batchSize);
    }, this.student.parameters);
    const { clipNorm = null } = this.config;
    const { norm, scale } =
      clipNorm === null ? { norm: 0, scale: 1 } : clipping(gradients.values(), clipNorm);
    if (Number.isFinite(value) && Number.isFinite(norm)) {
      this.steps++;
      this.optimiser.step(gradients, scale, this.learningRate(epoch));
      this.statistics.applyTo(this.student);
      this.average?.update();
    }
    this.statistics.dispose();
    dispose();
    return { loss: Number.isFinite(norm) ? value : NaN };
  }

  /**
   * Along a cosine it falls from epoch to epoch, and would be 0 after the last (Loshchilov and Hutter, 2017); before,
   * it rises from step to step while it warms up (Goyal et al., 2017).
   */
  private learningRate(epoch: number): number {
    const { learningRate, learningRateDecay = 'none', epochs = 1, warmUpSteps = 0 } = this.config;
    const warm = Math.min(1, this.steps / Math.max(1, warmUpSteps));
    const share =
      learningRateDecay === 'none' ? 1 : 0.5 * (1 + Math.cos((Math.PI * (epoch - 1)) / epochs));
    return learningRate * warm * share;
  }

  model(): NamedArrays {
    return this.detecting.toArrays();
  }

  state(): NamedArrays {
    return new Map([
      ...this.student.toArrays(),
      ...withPrefix(VELOCITY, this.optimiser.state()),
      ...(this.average ? withPrefix(AVERAGE, this.average.state()) : []),
      ...(this.config.warmUpSteps ? [this.stepsTaken()] : []),
    ]);
  }

  private stepsTaken(): [string, NamedArray] {
    return [STEPS, { shape: [1], data: Float32Array.of(this.steps) }];
  }

  restore(state: NamedArrays): void {
    this.student.assign(state);
    this.optimiser.restore(ofPrefix(VELOCITY, state));
    this.average?.restore(ofPrefix(AVERAGE, state));
    this.steps = state.get(STEPS)?.data[0] ?? 0;
  }

  dispose(): void {
    this.average?.dispose();
    this.optimiser.dispose();
    this.statistics.dispose();
  }
}
