import { initialiseAutoEncoders } from '../models/auto-encoder';
import type { AutoEncoders } from '../models/auto-encoder';
import { ParameterStore } from '../models/parameter-store';
import { initialiseResNet18 } from '../models/resnet18';
import { Random } from '../random/random';
import type { NamedArrays } from '../weights/named-arrays';
import { BaselineRecipe } from './baseline';
import type { TrainingConfig } from './config';
import { JointRecipe } from './joint';
import { PreTrainingRecipe } from './pre-training';
import type { Recipe } from './recipe';

/** What is trained, and the recipe that trains it. */
export interface Trainee {
  recipe: Recipe;
  /** The one that is the model: the trained one, or the average of its weights. */
  student: ParameterStore | null;
  autoEncoders: AutoEncoders | null;
  dispose(): void;
}

/**
 * Networks with initial weights from the configuration's seed.
 *
 * @param pretrained arrays of the auto-encoders to begin with; default: random ones
 */
export function createTrainee(config: TrainingConfig, pretrained?: NamedArrays): Trainee {
  const random = Random.fromSeed(config.seed);
  const student =
    config.recipe === 'pre-training'
      ? null
      : ParameterStore.fromArrays(initialiseResNet18(random.fork('student')));
  const autoEncoders =
    config.recipe === 'baseline'
      ? null
      : {
          config: config.autoEncoder,
          store: ParameterStore.fromArrays(
            pretrained ?? initialiseAutoEncoders(config.autoEncoder, random.fork('auto-encoders')),
          ),
        };
  const recipe = recipeFor(config, student, autoEncoders);
  return {
    recipe,
    student: recipe instanceof BaselineRecipe ? recipe.detecting : student,
    autoEncoders,
    dispose: () => {
      recipe.dispose();
      student?.dispose();
      autoEncoders?.store.dispose();
    },
  };
}

function recipeFor(
  config: TrainingConfig,
  student: ParameterStore | null,
  autoEncoders: AutoEncoders | null,
): Recipe {
  switch (config.recipe) {
    case 'baseline':
      return new BaselineRecipe(student!, config);
    case 'pre-training':
      return new PreTrainingRecipe(autoEncoders!, config);
    case 'joint':
      return new JointRecipe(student!, autoEncoders!, config);
  }
}
