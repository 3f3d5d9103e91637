import { BaselineRecipe } from '../../src/lib/training/baseline';
import type { Precision } from '../../src/lib/models/resnet18';
import { TrainingData } from '../../src/lib/training/training-data';
import { trainingFlops } from './flops';
import { readImages } from './images';
import { loadBackbone } from './backbone';
import { batches } from './workload';
import type { Workload } from './workload';

export interface TrainingOptions {
  images: string;
  teacher: string;
  student: string;
  size: number;
  batch: number;
  learningRate: number;
  momentum: number;
  weightDecay: number;
  /** Of the activations. Default float32. */
  precision?: Precision;
  /** Bytes of memory for the teacher's features; the others lie on disk. Default the library's. */
  featureMemory?: number;
}

/** What the training loop does for one batch, from decoded pixels and cached teacher features to new parameters. */
export const training: Workload = async (request) => {
  const options = request as unknown as TrainingOptions;
  const stack = readImages(options.images, options.size);
  const teacher = loadBackbone(options.teacher);
  const data = await TrainingData.prepare(stack, teacher, {
    memoryBytes: options.featureMemory,
  });
  teacher.dispose();
  const recipe = new BaselineRecipe(loadBackbone(options.student), options);
  const order = batches(stack.count, options.batch);
  const repeat = () => {
    const batch = data.batch(order.next().value);
    const { loss } = recipe.step(batch);
    batch.dispose();
    return loss;
  };
  return { repeat, flops: options.batch * trainingFlops(options.size) };
};
