import { meanOf } from './points';
import type { Points } from './points';

/** A covariance that can be inverted, however few points it is estimated from. */
export interface ShrunkCovariance {
  mean: Float64Array;
  /** (1 - shrinkage) S + shrinkage m I, symmetric, [dimensions, dimensions]. */
  covariance: Float64Array;
  /** In [0, 1]. */
  shrinkage: number;
}

/**
 * The covariance S of points (divided by their number), shrunk towards m I, where m is their mean variance: the mixture
 * of the two that is nearest to the true covariance, as far as the points tell (Ledoit & Wolf, 2004, "A well-conditioned
 * estimator for large-dimensional covariance matrices").
 *
 * @throws RangeError if there are no points
 */
export function ledoitWolf(points: Points): ShrunkCovariance {
  const { count, dimensions, data } = points;
  const mean = meanOf(points);
  const covariance = new Float64Array(dimensions * dimensions);
  const centred = new Float64Array(dimensions);
  /** Sum of |x|^4. */
  let fourthPowers = 0;
  for (let row = 0; row < count; row++) {
    let norm = 0;
    for (let c = 0; c < dimensions; c++) {
      centred[c] = data[row * dimensions + c] - mean[c];
      norm += centred[c] ** 2;
    }
    fourthPowers += norm ** 2;
    for (let i = 0; i < dimensions; i++) {
      const share = centred[i] / count;
      for (let j = 0; j <= i; j++) covariance[i * dimensions + j] += share * centred[j];
    }
  }
  let trace = 0;
  let squares = 0;
  for (let i = 0; i < dimensions; i++) {
    trace += covariance[i * dimensions + i];
    for (let j = 0; j < i; j++) {
      covariance[j * dimensions + i] = covariance[i * dimensions + j];
      squares += 2 * covariance[i * dimensions + j] ** 2;
    }
    squares += covariance[i * dimensions + i] ** 2;
  }
  const meanVariance = trace / dimensions;
  /** d^2: how far S is from m I. */
  const distance = (squares - trace * meanVariance) / dimensions;
  /** b^2: how far S is from the true covariance, estimated. */
  const error = Math.min((fourthPowers / count - squares) / count / dimensions, distance);
  const shrinkage = error > 0 ? error / distance : 0;
  for (let i = 0; i < covariance.length; i++) covariance[i] *= 1 - shrinkage;
  for (let i = 0; i < dimensions; i++) covariance[i * dimensions + i] += shrinkage * meanVariance;
  return { mean, covariance, shrinkage };
}
