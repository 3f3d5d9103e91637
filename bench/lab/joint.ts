import { jointConfig } from '../../src/lib/training/config';
import { JointRecipe } from '../../src/lib/training/joint';
import { TrainingData } from '../../src/lib/training/training-data';
import { loadAutoEncoders } from './auto-encoders';
import { readImages } from './images';
import type { TrainingOptions } from './training';
import { loadBackbone } from './backbone';
import { batches } from './workload';
import type { Workload } from './workload';

/** One step of the paper's joint training, all networks trained, from decoded pixels to new parameters. */
export const joint: Workload = async (request) => {
  const options = request as unknown as TrainingOptions & { autoEncoders: string };
  const { precision } = options;
  const { frozenEpochs, ...settings } = jointConfig({ category: 'bench', precision });
  const stack = readImages(options.images, options.size);
  const teacher = loadBackbone(options.teacher);
  const data = await TrainingData.prepare(stack, teacher);
  teacher.dispose();
  const student = loadBackbone(options.student);
  const recipe = new JointRecipe(student, loadAutoEncoders(options.autoEncoders), {
    ...settings,
    frozenEpochs,
  });
  const order = batches(stack.count, options.batch);
  const repeat = () => {
    const batch = data.batch(order.next().value);
    const { loss } = recipe.step(batch, frozenEpochs + 1);
    batch.dispose();
    return loss;
  };
  return { repeat };
};
