import type { Random } from '../../random/random';
import { pointsNamed } from '../../statistics/points';
import type { Points } from '../../statistics/points';
import type { NamedArrays } from '../../weights/named-arrays';
import type { AnomalyScores } from './classifier';

export interface IsolationForestSettings {
  trees: number;
  /** Points that each tree is grown on, drawn without replacement; all where there are fewer. */
  sampleSize: number;
}

/** Columns of a node, in the array `forest.nodes`. */
const COLUMNS = 4;
/** The coordinate that a node divides by; -1 in a leaf. */
const COORDINATE = 0;
/** Points whose coordinate is at most this go to the lower child. */
const THRESHOLD = 1;
/** Row of the lower child; the upper one is the row after it. */
const CHILD = 2;
/** Of a leaf: the length of the path to it, with the mean length of the paths that its points would still have. */
const PATH_LENGTH = 3;

const EULER_GAMMA = 0.5772156649015329;

/** c(n): the mean length of an unsuccessful search in a binary search tree of n points (section 2 of the paper). */
export function averagePathLength(n: number): number {
  if (n <= 1) return 0;
  if (n === 2) return 1;
  return 2 * (Math.log(n - 1) + EULER_GAMMA) - (2 * (n - 1)) / n;
}

/**
 * An isolation forest (Liu, Ting & Zhou, 2008): trees that divide points at random values of random coordinates. What
 * lies apart is alone after a few divisions.
 *
 * @returns `forest.nodes` [nodes of all trees, 4], `forest.roots` [1, trees], and `forest.pathLength` [1, 1], c of the
 *   points of a tree
 */
export function fitIsolationForest(
  points: Points,
  { trees, sampleSize }: IsolationForestSettings,
  random: Random,
): NamedArrays {
  const nodes: number[] = [];
  const roots: number[] = [];
  const size = Math.min(sampleSize, points.count);
  const all = Array.from({ length: points.count }, (_, i) => i);
  const limit = Math.ceil(Math.log2(Math.max(size, 2)));
  for (let tree = 0; tree < trees; tree++) {
    const stream = random.fork(`tree ${tree}`);
    roots.push(nodes.length / COLUMNS);
    nodes.push(...new Array<number>(COLUMNS).fill(0));
    grow(nodes, roots[tree], points, stream.shuffle(all).slice(0, size), 0, limit, stream);
  }
  return new Map([
    ['forest.nodes', { shape: [nodes.length / COLUMNS, COLUMNS], data: Float32Array.from(nodes) }],
    ['forest.roots', { shape: [1, trees], data: Float32Array.from(roots) }],
    ['forest.pathLength', { shape: [1, 1], data: Float32Array.of(averagePathLength(size)) }],
  ]);
}

/** Fills in a node, and makes those below it. @param inside the points that come to it */
function grow(
  nodes: number[],
  node: number,
  points: Points,
  inside: number[],
  depth: number,
  limit: number,
  random: Random,
): void {
  const division = depth < limit ? divide(points, inside, random) : null;
  if (!division) {
    nodes[node * COLUMNS + COORDINATE] = -1;
    nodes[node * COLUMNS + PATH_LENGTH] = depth + averagePathLength(inside.length);
    return;
  }
  const { coordinate, threshold, isLower } = division;
  const child = nodes.length / COLUMNS;
  nodes[node * COLUMNS + COORDINATE] = coordinate;
  nodes[node * COLUMNS + THRESHOLD] = threshold;
  nodes[node * COLUMNS + CHILD] = child;
  nodes.push(...new Array<number>(2 * COLUMNS).fill(0));
  const upper = inside.filter((point) => !isLower(point));
  grow(nodes, child, points, inside.filter(isLower), depth + 1, limit, random);
  grow(nodes, child + 1, points, upper, depth + 1, limit, random);
}

/** A random value of a random coordinate in which the points differ; null where they are all equal. */
function divide({ dimensions, data }: Points, inside: number[], random: Random) {
  if (inside.length < 2) return null;
  const coordinates = Array.from({ length: dimensions }, (_, i) => i);
  // Drawn one after the other, as in a shuffle, until there is one to divide by.
  for (let left = dimensions; left > 0; left--) {
    const drawn = random.int(left);
    const coordinate = coordinates[drawn];
    coordinates[drawn] = coordinates[left - 1];
    let [low, high] = [Infinity, -Infinity];
    for (const point of inside) {
      const value = data[point * dimensions + coordinate];
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    if (low === high) continue;
    // As it is stored: rounding must not move points to the other side.
    const uniform = Math.fround(random.uniform(low, high));
    const threshold = uniform < high ? uniform : low;
    const isLower = (point: number) => data[point * dimensions + coordinate] <= threshold;
    return { coordinate, threshold, isLower };
  }
  return null;
}

/** 2 to the power of -E[h(x)] / c(n): near 1 for points that are soon alone, .5 for those on paths of mean length. */
export function openIsolationForest(model: NamedArrays): AnomalyScores {
  const { data: nodes } = pointsNamed(model, 'forest.nodes');
  const { data: roots } = pointsNamed(model, 'forest.roots');
  const [pathLength] = pointsNamed(model, 'forest.pathLength').data;
  return ({ count, dimensions, data }) =>
    Float64Array.from({ length: count }, (_, point) => {
      let sum = 0;
      for (const root of roots) {
        let row = root * COLUMNS;
        while (nodes[row + COORDINATE] >= 0) {
          const value = data[point * dimensions + nodes[row + COORDINATE]];
          row = (nodes[row + CHILD] + (value <= nodes[row + THRESHOLD] ? 0 : 1)) * COLUMNS;
        }
        sum += nodes[row + PATH_LENGTH];
      }
      // A tree of one point has no path: all points are as far from it as any.
      return pathLength === 0 ? 1 : 2 ** (-sum / roots.length / pathLength);
    });
}
