import { ledoitWolf } from '../../statistics/ledoit-wolf';
import { pointsNamed } from '../../statistics/points';
import type { Points } from '../../statistics/points';
import type { NamedArrays } from '../../weights/named-arrays';
import type { AnomalyScores } from './classifier';

/**
 * A normal distribution with the Ledoit-Wolf covariance of the points. What is kept is its mean and a whitening matrix W
 * with W' W the inverse covariance: single precision would spoil the inverse itself.
 *
 * @param points two or more that differ
 * @returns `gaussian.mean` [1, dimensions] and `gaussian.whitening` [dimensions, dimensions], lower triangular
 * @throws Error where the covariance cannot be inverted: all points are equal
 */
export function fitGaussian(points: Points): NamedArrays {
  const { dimensions } = points;
  const { mean, covariance } = ledoitWolf(points);
  const whitening = invertTriangle(choleskyFactor(covariance, dimensions), dimensions);
  return new Map([
    ['gaussian.mean', { shape: [1, dimensions], data: Float32Array.from(mean) }],
    ['gaussian.whitening', { shape: [dimensions, dimensions], data: Float32Array.from(whitening) }],
  ]);
}

/** The Mahalanobis distance to the mean, |W (x - mean)|. */
export function openGaussian(model: NamedArrays): AnomalyScores {
  const mean = pointsNamed(model, 'gaussian.mean').data;
  const { dimensions, data: whitening } = pointsNamed(model, 'gaussian.whitening');
  return ({ count, data }) =>
    Float64Array.from({ length: count }, (_, point) => {
      let squared = 0;
      for (let row = 0; row < dimensions; row++) {
        let sum = 0;
        for (let c = 0; c <= row; c++) {
          sum += whitening[row * dimensions + c] * (data[point * dimensions + c] - mean[c]);
        }
        squared += sum * sum;
      }
      return Math.sqrt(squared);
    });
}

/** L, lower triangular, with L L' a symmetric, positive definite matrix. */
function choleskyFactor(matrix: Float64Array, size: number): Float64Array {
  const factor = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let rest = matrix[row * size + column];
      for (let k = 0; k < column; k++) rest -= factor[row * size + k] * factor[column * size + k];
      if (column < row) {
        factor[row * size + column] = rest / factor[column * size + column];
      } else if (rest > 0) {
        factor[row * size + row] = Math.sqrt(rest);
      } else {
        throw new Error(
          'The covariance of the embeddings cannot be inverted: the images are equal.',
        );
      }
    }
  }
  return factor;
}

/** The inverse of a lower triangular matrix, lower triangular too. */
function invertTriangle(factor: Float64Array, size: number): Float64Array {
  const inverse = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    const pivot = factor[row * size + row];
    // Row by row, so that memory is read in order.
    for (let k = 0; k < row; k++) {
      const value = factor[row * size + k] / pivot;
      for (let c = 0; c <= k; c++) inverse[row * size + c] -= value * inverse[k * size + c];
    }
    inverse[row * size + row] = 1 / pivot;
  }
  return inverse;
}
