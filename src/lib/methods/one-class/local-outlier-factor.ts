import { NearestNeighbours } from '../../statistics/nearest';
import { pointsNamed, toNamedArray } from '../../statistics/points';
import type { Points } from '../../statistics/points';
import type { NamedArrays } from '../../weights/named-arrays';
import type { AnomalyScores } from './classifier';

export interface LocalOutlierFactorSettings {
  /** k, how many neighbours make a point's surroundings; all others where there are fewer. */
  neighbours: number;
}

/** Where more than k points are equal, their density is not infinite: scikit-learn's value. */
const SMALLEST_REACH = 1e-10;

/**
 * The local outlier factor (Breunig et al., 2000) of new points among normal ones: how many times denser than the point
 * itself its neighbours lie. What is kept of each normal point is the distance to its k-th neighbour and its density.
 *
 * @param points two or more
 * @returns `lof.points` [points, dimensions] and `lof.surroundings` [points, 2]: k-distance, density
 * @throws RangeError for fewer points
 */
export function fitLocalOutlierFactor(
  points: Points,
  settings: LocalOutlierFactorSettings,
): NamedArrays {
  if (points.count < 2) {
    throw new RangeError(`Expected points among which others may lie, found ${points.count}.`);
  }
  const k = Math.min(settings.neighbours, points.count - 1);
  const search = new NearestNeighbours(points);
  const found = search.find(points, k + 1);
  search.dispose();
  // A point is its own nearest neighbour, or one of those at distance 0.
  const neighbours = Array.from({ length: points.count }, (_, point) => {
    const row = Array.from({ length: k + 1 }, (_, i) => point * (k + 1) + i);
    const own = row.findIndex((i) => found.indices[i] === point);
    row.splice(own < 0 ? k : own, 1);
    return row.map((i) => ({ index: found.indices[i], distance: found.distances[i] }));
  });
  const reach = Float32Array.from(neighbours, (row) => row[k - 1].distance);
  const surroundings = new Float32Array(2 * points.count);
  neighbours.forEach((row, point) => {
    surroundings[2 * point] = reach[point];
    surroundings[2 * point + 1] = density(row, (index) => reach[index]);
  });
  return new Map([
    ['lof.points', toNamedArray(points)],
    ['lof.surroundings', { shape: [points.count, 2], data: surroundings }],
  ]);
}

/** The mean density of a point's k neighbours in units of its own: about 1 inside, more outside. */
export function openLocalOutlierFactor(
  model: NamedArrays,
  settings: LocalOutlierFactorSettings,
): AnomalyScores {
  const points = pointsNamed(model, 'lof.points');
  const { data: surroundings } = pointsNamed(model, 'lof.surroundings');
  const k = Math.min(settings.neighbours, points.count - 1);
  return (queries) => {
    const search = new NearestNeighbours(points);
    const { distances, indices } = search.find(queries, k);
    search.dispose();
    return Float64Array.from({ length: queries.count }, (_, query) => {
      const row = Array.from({ length: k }, (_, i) => ({
        index: indices[query * k + i],
        distance: distances[query * k + i],
      }));
      const around = row.reduce((sum, { index }) => sum + surroundings[2 * index + 1], 0) / k;
      return around / density(row, (index) => surroundings[2 * index]);
    });
  };
}

/** Local reachability density: one over the mean distance to the neighbours, none taken as less than their k-distance. */
function density(
  row: readonly { index: number; distance: number }[],
  kDistance: (index: number) => number,
): number {
  const sum = row.reduce(
    (sum, { index, distance }) => sum + Math.max(distance, kDistance(index)),
    0,
  );
  return 1 / (sum / row.length + SMALLEST_REACH);
}
