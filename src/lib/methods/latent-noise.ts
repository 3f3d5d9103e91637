import { Random } from '../random/random';

/** Numbers from N(0, 1) for a training step's latent vectors. @param step counted from 0 over all epochs */
export type LatentNoise = (step: number, count: number) => Float32Array;

/** Noise that depends on the seed and the step alone: a training that goes on later meets the same. */
export function seededNoise(seed: number): LatentNoise {
  const random = Random.fromSeed(seed).fork('latent vectors');
  return (step, count) => random.fork(`step ${step}`).normals(count);
}
