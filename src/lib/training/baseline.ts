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

const VELOCITY = 'velocity.';

/**
 * STFPM (paper, section 2; Wang et al., 2021): the student learns, on normal images alone, to reproduce the teacher's
 * normalised features at every position of three levels.
 */
export class BaselineRecipe implements Recipe {
  private readonly optimiser: Sgd;
  private readonly statistics = new BatchStatistics();

  constructor(
    readonly student: ParameterStore,
    config: Pick<BaselineConfig, 'learningRate' | 'momentum' | 'weightDecay'>,
  ) {
    this.optimiser = new Sgd(student.parameters, config);
  }

  step({ images, teacher }: Batch): { loss: number } {
    const [batchSize] = images.shape;
    const { value, gradients, dispose } = gradientsOf(() => {
      const features = resnet18(this.student, images, this.statistics);
      return tf.div<Scalar>(similarityLoss(features, teacher), batchSize);
    }, this.student.parameters);
    if (Number.isFinite(value)) {
      this.optimiser.step(gradients);
      this.statistics.applyTo(this.student);
    }
    this.statistics.dispose();
    dispose();
    return { loss: value };
  }

  model(): NamedArrays {
    return this.student.toArrays();
  }

  state(): NamedArrays {
    return new Map([...this.model(), ...withPrefix(VELOCITY, this.optimiser.state())]);
  }

  restore(state: NamedArrays): void {
    this.student.assign(state);
    this.optimiser.restore(ofPrefix(VELOCITY, state));
  }

  dispose(): void {
    this.optimiser.dispose();
    this.statistics.dispose();
  }
}
