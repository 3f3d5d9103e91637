import { preTrainingConfig } from '../../src/lib/training/config';
import { PreTrainingRecipe } from '../../src/lib/training/pre-training';
import { TrainingData } from '../../src/lib/training/training-data';
import { loadAutoEncoders } from './auto-encoders';
import { readImages } from './images';
import type { TrainingOptions } from './training';
import { loadBackbone } from './backbone';
import { batches } from './workload';
import type { Workload } from './workload';

/** One step of the auto-encoders' pre-training, from cached teacher features to new parameters. */
export const preTraining: Workload = async (request) => {
  const options = request as unknown as TrainingOptions & { autoEncoders: string };
  const stack = readImages(options.images, options.size);
  const teacher = loadBackbone(options.teacher);
  const data = await TrainingData.prepare(stack, teacher, { features: 'raw' });
  teacher.dispose();
  const config = preTrainingConfig({ category: 'bench', precision: options.precision });
  const recipe = new PreTrainingRecipe(loadAutoEncoders(options.autoEncoders), config);
  const order = batches(stack.count, options.batch);
  const repeat = () => {
    const batch = data.batch(order.next().value);
    const { loss } = recipe.step(batch);
    batch.dispose();
    return loss;
  };
  return { repeat };
};
