import { tf } from '../engine/index';
import { levelMeanSquaredError } from '../losses/pre-training';
import { reconstruct } from '../models/auto-encoders';
import type { AutoEncoders } from '../models/auto-encoders';
import type { TrainingData } from './training-data';

const BATCH = 16;

/**
 * The mean squared reconstruction error of the auto-encoders by level, on the teacher's features as they are (not
 * normalised).
 */
export async function reconstructionErrors(
  autoEncoders: AutoEncoders,
  data: TrainingData,
): Promise<[number, number, number]> {
  const sums: [number, number, number] = [0, 0, 0];
  for (let start = 0; start < data.count; start += BATCH) {
    const count = Math.min(BATCH, data.count - start);
    const batch = data.batch(Array.from({ length: count }, (_, i) => start + i));
    tf.tidy(() => {
      reconstruct(autoEncoders, batch.teacher).forEach((reconstruction, level) => {
        const error = levelMeanSquaredError(reconstruction, batch.teacher[level]);
        sums[level] += error.dataSync<'float32'>()[0] * count;
      });
    });
    batch.dispose();
    await new Promise(setImmediate);
  }
  return sums.map((sum) => sum / data.count) as [number, number, number];
}
