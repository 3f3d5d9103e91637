import { pointsNamed, selectPoints, squaredDistance, toNamedArray } from '../../statistics/points';
import type { Points } from '../../statistics/points';
import type { NamedArrays } from '../../weights/named-arrays';
import type { AnomalyScores } from './classifier';

/** How far the conditions of the optimum may be violated at the end. libsvm's default, 1e-3, leaves digits undecided. */
const TOLERANCE = 1e-8;

export interface SupportVectorSettings {
  /** Bound of the share of the points that are left outside, and of the share that are support vectors. In (0, 1]. */
  nu: number;
  /** Of the kernel exp(-gamma |a - b|^2); null: 1 / (dimensions times the variance of all coordinates). */
  gamma: number | null;
}

/**
 * A one-class support vector machine with a Gaussian kernel (Schölkopf et al., 2001, "Estimating the support of a
 * high-dimensional distribution"): the smallest region, in the kernel's feature space, that leaves a share nu of the
 * points outside.
 *
 * @returns `svm.vectors` [support vectors, dimensions], `svm.coefficients` [support vectors], `svm.rho` and `svm.gamma`
 */
export function fitSupportVectors(points: Points, settings: SupportVectorSettings): NamedArrays {
  const gamma = Math.fround(settings.gamma ?? scaleOf(points));
  const { coefficients, rho } = solve(kernelMatrix(points, gamma), points.count, settings.nu);
  const support = [...coefficients.keys()].filter((i) => coefficients[i] > 0);
  const kept = Float32Array.from(support, (i) => coefficients[i]);
  return new Map([
    ['svm.vectors', toNamedArray(selectPoints(points, support))],
    ['svm.coefficients', { shape: [kept.length], data: kept }],
    ['svm.rho', { shape: [1], data: Float32Array.of(rho) }],
    ['svm.gamma', { shape: [1], data: Float32Array.of(gamma) }],
  ]);
}

/** rho - sum of coefficient times kernel: positive outside the region. */
export function openSupportVectors(model: NamedArrays): AnomalyScores {
  const vectors = pointsNamed(model, 'svm.vectors');
  const [coefficients, [rho], [gamma]] = ['coefficients', 'rho', 'gamma'].map((name) => {
    const array = model.get(`svm.${name}`);
    if (array) return array.data;
    throw new Error(`Expected an array named "svm.${name}" in the model, found none.`);
  });
  return (points) =>
    Float64Array.from({ length: points.count }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < vectors.count; j++) {
        sum += coefficients[j] * Math.exp(-gamma * squaredDistance(points, i, vectors, j));
      }
      return rho - sum;
    });
}

/** 1 / (dimensions times the variance of all coordinates together): scikit-learn's 'scale'. 1 where all are equal. */
function scaleOf({ dimensions, data }: Points): number {
  let [sum, squares] = [0, 0];
  for (const value of data) sum += value;
  const mean = sum / data.length;
  for (const value of data) squares += (value - mean) ** 2;
  return squares > 0 ? data.length / (dimensions * squares) : 1;
}

function kernelMatrix(points: Points, gamma: number): Float64Array {
  const { count } = points;
  const kernel = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      const value = Math.exp(-gamma * squaredDistance(points, i, points, j));
      kernel[i * count + j] = value;
      kernel[j * count + i] = value;
    }
  }
  return kernel;
}

/**
 * The minimum of 1/2 a' K a with 0 <= a <= 1 and the sum of a equal to nu n, by sequential minimal optimisation: two
 * coefficients at a time, chosen by second-order information (Fan, Chen & Lin, 2005), as in libsvm.
 *
 * @param kernel K, [n, n]
 */
function solve(kernel: Float64Array, n: number, nu: number) {
  const coefficients = new Float64Array(n);
  for (let i = 0; i < n; i++) coefficients[i] = Math.min(1, Math.max(0, nu * n - i));
  /** K a. */
  const gradient = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    if (coefficients[i] === 0) continue;
    for (let k = 0; k < n; k++) gradient[k] += coefficients[i] * kernel[i * n + k];
  }
  for (;;) {
    // The one that gains most by growing, where it can.
    let grows = -1;
    for (let i = 0; i < n; i++) {
      if (coefficients[i] < 1 && (grows < 0 || gradient[i] < gradient[grows])) grows = i;
    }
    // With it, the one that makes most of it by shrinking.
    let shrinks = -1;
    let best = 0;
    let violation = 0;
    for (let j = 0; j < n && grows >= 0; j++) {
      const slope = gradient[j] - gradient[grows];
      if (coefficients[j] === 0 || slope <= 0) continue;
      violation = Math.max(violation, slope);
      const gain = slope ** 2 / curvature(kernel, n, grows, j);
      if (gain > best) [best, shrinks] = [gain, j];
    }
    if (shrinks < 0 || violation < TOLERANCE) break;
    const slope = gradient[shrinks] - gradient[grows];
    const step = Math.min(
      slope / curvature(kernel, n, grows, shrinks),
      1 - coefficients[grows],
      coefficients[shrinks],
    );
    coefficients[grows] += step;
    coefficients[shrinks] -= step;
    for (let k = 0; k < n; k++) {
      gradient[k] += step * (kernel[grows * n + k] - kernel[shrinks * n + k]);
    }
  }
  return { coefficients, rho: offset(coefficients, gradient) };
}

/**
 * Second derivative along the line on which one coefficient grows as another shrinks, for a kernel that is 1 for a point
 * with itself. Between equal points there is none.
 */
function curvature(kernel: Float64Array, n: number, i: number, j: number): number {
  return Math.max(2 - 2 * kernel[i * n + j], 1e-12);
}

/** rho: the gradient of coefficients strictly between the bounds; without any, the middle of what the bounds allow. */
function offset(coefficients: Float64Array, gradient: Float64Array): number {
  let [free, sum, low, high] = [0, 0, -Infinity, Infinity];
  for (let i = 0; i < coefficients.length; i++) {
    if (coefficients[i] >= 1) low = Math.max(low, gradient[i]);
    else if (coefficients[i] <= 0) high = Math.min(high, gradient[i]);
    else {
      free++;
      sum += gradient[i];
    }
  }
  if (free > 0) return sum / free;
  if (low === -Infinity) return high;
  return high === Infinity ? low : (low + high) / 2;
}
