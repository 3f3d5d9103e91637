import { tf } from '../engine/index';
import type { Tensor2D } from '../engine/index';
import type { NamedArrays } from '../weights/named-arrays';
import { meanOf, pointsNamed, toNamedArray } from './points';
import type { Points } from './points';

/** Principal component analysis: the directions in which points vary most, orthogonal and of length 1. */
export interface PrincipalComponents {
  /** Of the points. */
  mean: Float32Array;
  /** A direction a row, the one with the largest variance first; the entry of largest magnitude is positive. */
  components: Points;
  /** Variance of the points in each of these directions (divided by their number less 1). */
  variances: Float64Array;
}

/** Points in one product of the covariance, whose sum is exact enough in single precision. */
const BLOCK = 4096;

/**
 * The principal components that explain a share of the variance: as many as it takes to explain more than it, as in
 * scikit-learn.
 *
 * @param points two or more
 * @param share of the variance, in (0, 1)
 * @throws RangeError for fewer points; Error when they are all equal
 */
export function principalComponents(points: Points, share: number): PrincipalComponents {
  const { dimensions } = points;
  if (points.count < 2) {
    throw new RangeError(`Expected points to find components of, found ${points.count}.`);
  }
  const mean = Float32Array.from(meanOf(points));
  const { values, vectors } = eigenvectors(covariance(points, mean), dimensions);
  const total = values.reduce((sum, value) => sum + value, 0);
  if (!(total > 0)) throw new Error('Expected points that differ, found equal ones.');
  let count = 0;
  for (let explained = 0; count < dimensions && explained <= share * total; count++) {
    explained += values[count];
  }
  const data = vectors.slice(0, count * dimensions);
  return { mean, components: { count, dimensions, data }, variances: values.slice(0, count) };
}

/** Divided by the number of points less 1, [dimensions, dimensions]. */
function covariance({ count, dimensions, data }: Points, mean: Float32Array): Float64Array {
  const sum = new Float64Array(dimensions * dimensions);
  for (let start = 0; start < count; start += BLOCK) {
    const end = Math.min(start + BLOCK, count);
    const product = tf.tidy(() => {
      const block = data.subarray(start * dimensions, end * dimensions);
      const centred = tf.sub<Tensor2D>(tf.tensor2d(block, [end - start, dimensions]), mean);
      return tf.matMul(centred, centred, true, false);
    });
    const values = product.dataSync<'float32'>();
    for (let i = 0; i < sum.length; i++) sum[i] += values[i];
    product.dispose();
  }
  return sum.map((value) => value / (count - 1));
}

/** Of a symmetric matrix, the one with the largest value first; vectors in rows. */
function eigenvectors(matrix: Float64Array, size: number) {
  // Loaded here: not every use of this library takes components of anything.
  const { EigenvalueDecomposition, Matrix } = require('ml-matrix') as typeof import('ml-matrix');
  const symmetric = Matrix.from1DArray(size, size, matrix);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(symmetric, {
    assumeSymmetric: true,
  });
  // Ascending; rounding makes some that are 0 negative.
  const values = Float64Array.from(realEigenvalues.reverse(), (value) => Math.max(value, 0));
  const vectors = new Float32Array(size * size);
  for (let row = 0; row < size; row++) {
    const vector = eigenvectorMatrix.getColumn(size - 1 - row);
    const largest = vector.reduce(
      (best, value) => (Math.abs(value) > Math.abs(best) ? value : best),
      0,
    );
    vectors.set(largest < 0 ? vector.map((value) => -value) : vector, row * size);
  }
  return { values, vectors };
}

/** The same components in units of the standard deviation along each: the projected points have variance 1. */
export function whitened({
  mean,
  components,
  variances,
}: PrincipalComponents): PrincipalComponents {
  const { dimensions } = components;
  const data = components.data.map(
    (value, i) => value / Math.sqrt(variances[Math.floor(i / dimensions)]),
  );
  return { mean, components: { ...components, data }, variances: variances.map(() => 1) };
}

/** What it takes to project points. */
export type Projection = Pick<PrincipalComponents, 'mean' | 'components'>;

/** Coordinates along each component, of points less the mean: [count, components]. */
export function project(
  { count, dimensions, data }: Points,
  { mean, components }: Projection,
): Points {
  const projected = tf.tidy(() => {
    const centred = tf.sub<Tensor2D>(tf.tensor2d(data, [count, dimensions]), mean);
    const directions = tf.tensor2d(components.data, [components.count, dimensions]);
    return tf.matMul(centred, directions, false, true);
  });
  const result = { count, dimensions: components.count, data: projected.dataSync<'float32'>() };
  projected.dispose();
  return result;
}

/** A projection as it is stored in a model: `pca.mean` and `pca.components`. */
export function projectionArrays({ mean, components }: Projection): NamedArrays {
  return new Map([
    ['pca.mean', { shape: [mean.length], data: mean }],
    ['pca.components', toNamedArray(components)],
  ]);
}

/** The projection of a model. @throws Error where it has none */
export function projectionOf(model: NamedArrays): Projection {
  const components = pointsNamed(model, 'pca.components');
  const mean = model.get('pca.mean')?.data;
  if (mean?.length !== components.dimensions) {
    throw new Error(`Expected ${components.dimensions} numbers in "pca.mean" of the model.`);
  }
  return { mean, components };
}
