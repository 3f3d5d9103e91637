import { Random } from '../random/random';

/** Numbers from N(0, 1) for a training step. @param step counted from 0 over all epochs */
export type StepNoise = (step: number, count: number) => Float32Array;

/**
 * Noise that depends on the seed and the step alone: a training that goes on later meets the same.
 *
 * @param of what it is drawn for; each has numbers of its own
 */
export function seededNoise(seed: number, of = 'latent vectors'): StepNoise {
  const random = Random.fromSeed(seed).fork(of);
  return (step, count) => random.fork(`step ${step}`).normals(count);
}
