import { tf } from '../engine/index';
import type { Scalar } from '../engine/index';
import { similarityLoss } from '../losses/similarity';
import { BatchStatistics } from '../models/batch-statistics';
import type { ParameterStore } from '../models/parameter-store';
import { resnet18 } from '../models/resnet18';
import type { NamedArrays } from '../weights/named-arrays';
import type { BaselineConfig } from './config';
import { gradientsOf, Sgd } from './optimisers';
import { ofPrefix, withPrefix } from './recipe';
import type { Batch, Recipe } from './recipe';
import { WeightAverage } from './weight-average';

const VELOCITY = 'velocity.';
const AVERAGE = 'average.';

/** What the recipe reads of its configuration; the rest are variants that are off unless asked for. */
export type BaselineSettings = Pick<BaselineConfig, 'learningRate' | 'momentum' | 'weightDecay'> &
  Partial<Pick<BaselineConfig, 'epochs' | 'learningRateDecay' | 'weightAverage'>>;

/**
 * STFPM (paper, section 2; Wang et al., 2021): the student learns, on normal images alone, to reproduce the teacher's
 * normalised features at every position of three levels.
 */
export class BaselineRecipe implements Recipe {
  private readonly optimiser: Sgd;
  private readonly statistics = new BatchStatistics();

  private readonly average: WeightAverage | null;

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

  step({ images, teacher }: Batch, epoch = 1): { loss: number } {
    const [batchSize] = images.shape;
    const { value, gradients, dispose } = gradientsOf(() => {
      const features = resnet18(this.student, images, this.statistics);
      return tf.div<Scalar>(similarityLoss(features, teacher), batchSize);
    }, this.student.parameters);
    if (Number.isFinite(value)) {
      this.optimiser.step(gradients, 1, this.learningRate(epoch));
      this.statistics.applyTo(this.student);
      this.average?.update();
    }
    this.statistics.dispose();
    dispose();
    return { loss: value };
  }

  /** Along a cosine it falls from epoch to epoch, and would be 0 after the last (Loshchilov and Hutter, 2017). */
  private learningRate(epoch: number): number {
    const { learningRate, learningRateDecay = 'none', epochs = 1 } = this.config;
    if (learningRateDecay === 'none') return learningRate;
    return learningRate * 0.5 * (1 + Math.cos((Math.PI * (epoch - 1)) / epochs));
  }

  model(): NamedArrays {
    return this.detecting.toArrays();
  }

  state(): NamedArrays {
    return new Map([
      ...this.student.toArrays(),
      ...withPrefix(VELOCITY, this.optimiser.state()),
      ...(this.average ? withPrefix(AVERAGE, this.average.state()) : []),
    ]);
  }

  restore(state: NamedArrays): void {
    this.student.assign(state);
    this.optimiser.restore(ofPrefix(VELOCITY, state));
    this.average?.restore(ofPrefix(AVERAGE, state));
  }

  dispose(): void {
    this.average?.dispose();
    this.optimiser.dispose();
    this.statistics.dispose();
  }
}
