import { tf } from '../engine/index';
import type { Tensor1D, Tensor2D } from '../engine/index';
import type { Random } from '../random/random';
import { meanOf, selectPoints, squaredDistance, squaredNorm } from './points';
import type { Points } from './points';

/** Points in clusters around centres, each with the centre that is nearest to it. */
export interface Clusters {
  /** The mean of each cluster's points. */
  centres: Points;
  /** Which centre each point belongs to. */
  assignments: Int32Array;
  /** Sum of the squared distances of the points to their centres: what k-means makes small. */
  inertia: number;
}

/** Steps at most from one choice of centres, as in scikit-learn. */
const MAX_STEPS = 300;

/** The centres stand still once the squares of their last moves add up to less than this share of the mean variance. */
const TOLERANCE = 1e-4;

/**
 * K-means clusters (Lloyd, 1982), the best of several beginnings by k-means++. Yields to the event loop between them.
 *
 * @param k clusters, at most as many as points
 * @param restarts beginnings to choose from
 * @throws RangeError for fewer points than clusters
 */
export async function kMeans(
  points: Points,
  k: number,
  random: Random,
  restarts = 10,
): Promise<Clusters> {
  if (points.count < k) {
    throw new RangeError(
      `Expected at least ${k} points for as many clusters, found ${points.count}.`,
    );
  }
  let best: Clusters | null = null;
  for (let restart = 0; restart < restarts; restart++) {
    const clusters = lloyd(points, initialCentres(points, k, random.fork(`restart ${restart}`)));
    if (!best || clusters.inertia < best.inertia) best = clusters;
    await new Promise(setImmediate);
  }
  return best as Clusters;
}

/**
 * The beginning of k-means++ (Arthur & Vassilvitskii, 2007): a point at random, then points drawn in proportion to the
 * squared distance to the nearest of those chosen so far.
 */
export function initialCentres(points: Points, k: number, random: Random): Points {
  const { count } = points;
  const chosen = [random.int(count)];
  const nearest = new Float64Array(count).fill(Infinity);
  while (chosen.length < k) {
    const last = chosen[chosen.length - 1];
    let total = 0;
    for (let i = 0; i < count; i++) {
      nearest[i] = Math.min(nearest[i], squaredDistance(points, i, points, last));
      total += nearest[i];
    }
    chosen.push(drawn(nearest, total, random));
  }
  return selectPoints(points, chosen);
}

/** An index, drawn in proportion to the weights; any one where all weights are 0. */
function drawn(weights: Float64Array, total: number, random: Random): number {
  if (total === 0) return random.int(weights.length);
  let rest = random.next() * total;
  let last = 0;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue;
    last = i;
    rest -= weights[i];
    if (rest < 0) break;
  }
  return last;
}

/**
 * Lloyd's iteration: each point goes to the nearest centre, each centre to the mean of its points, until they stand still.
 * A centre that is left without points moves to the point that is farthest from its own.
 *
 * @param start [k, dimensions]
 */
export function lloyd(points: Points, start: Points): Clusters {
  const mean = meanOf(points);
  const centred = relativeTo(mean, points);
  const x = tf.tensor2d(centred, [points.count, points.dimensions]);
  const variance = centred.reduce((sum, value) => sum + value ** 2, 0) / centred.length;
  let centres = start;
  let assignments = assign(x, centres, mean);
  for (let step = 0; step < MAX_STEPS; step++) {
    const moved = means(points, assignments, centres);
    let shift = 0;
    for (let c = 0; c < centres.count; c++) shift += squaredDistance(centres, c, moved, c);
    centres = moved;
    const previous = assignments;
    assignments = assign(x, centres, mean);
    if (shift <= TOLERANCE * variance || assignments.every((c, i) => c === previous[i])) break;
  }
  x.dispose();
  let inertia = 0;
  for (let i = 0; i < points.count; i++)
    inertia += squaredDistance(points, i, centres, assignments[i]);
  return { centres, assignments, inertia };
}

/** Coordinates less the mean. */
function relativeTo(mean: Float64Array, { dimensions, data }: Points): Float32Array {
  return data.map((value, i) => value - mean[i % dimensions]);
}

/**
 * The nearest centre of each point: the one with the largest 2xc - |c|^2.
 *
 * @param x the points less their mean: far from 0, single precision loses the digits of the difference
 */
function assign(x: Tensor2D, centres: Points, mean: Float64Array): Int32Array {
  const centred = { ...centres, data: relativeTo(mean, centres) };
  const nearest = tf.tidy(() => {
    const c = tf.tensor2d(centred.data, [centres.count, centres.dimensions]);
    const norms = Float32Array.from({ length: centres.count }, (_, i) => squaredNorm(centred, i));
    return tf.argMax<Tensor1D>(tf.sub(tf.matMul(x, tf.mul<Tensor2D>(c, 2), false, true), norms), 1);
  });
  const assignments = nearest.dataSync<'int32'>();
  nearest.dispose();
  return assignments;
}

function means(points: Points, assignments: Int32Array, centres: Points): Points {
  const { dimensions, data } = points;
  const sums = new Float64Array(centres.data.length);
  const counts = new Int32Array(centres.count);
  for (let i = 0; i < points.count; i++) {
    const centre = assignments[i];
    counts[centre]++;
    for (let c = 0; c < dimensions; c++) sums[centre * dimensions + c] += data[i * dimensions + c];
  }
  const means = Float32Array.from(sums, (sum, i) => sum / counts[Math.floor(i / dimensions)]);
  const empty = [...counts.keys()].filter((centre) => counts[centre] === 0);
  if (empty.length > 0) {
    const far = farthest(points, assignments, centres, empty.length);
    empty.forEach((centre, i) => {
      const row = data.subarray(far[i] * dimensions, (far[i] + 1) * dimensions);
      means.set(row, centre * dimensions);
    });
  }
  return { ...centres, data: means };
}

/** The points that are farthest from their centres. */
function farthest(
  points: Points,
  assignments: Int32Array,
  centres: Points,
  count: number,
): number[] {
  const distances = Float64Array.from(assignments, (centre, i) =>
    squaredDistance(points, i, centres, centre),
  );
  return [...distances.keys()].sort((a, b) => distances[b] - distances[a]).slice(0, count);
}
