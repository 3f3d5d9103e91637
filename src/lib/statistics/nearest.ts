import { nativeBackend, tf } from '../engine/index';
import type { Tensor1D, Tensor2D } from '../engine/index';
import { squaredDistance, squaredNorm } from './points';
import type { Points } from './points';

/** The nearest entries of each query, in a row of its own. */
export interface Neighbours {
  /** Entries a row. */
  k: number;
  /** Euclidean distances, [queries, k], ascending in each row. */
  distances: Float64Array;
  /** Which entries these are, [queries, k]. Of two that are equally far, the one with the lower index comes first. */
  indices: Uint32Array;
}

/** Entries beyond the k nearest that are looked at too, for the ranking by single precision is not quite right. */
const SPARE = 4;

/** Numbers in the matrix of one product: 16 MiB. */
const PRODUCT_SIZE = 2 ** 22;

interface Candidate {
  index: number;
  distance: number;
}

const byDistance = (a: Candidate, b: Candidate) => a.distance - b.distance || a.index - b.index;

/**
 * Finds the entries of a set that are nearest to queries, all pairs compared.
 *
 * A matrix product ranks them, as |a - b|^2 = |a|^2 - 2ab + |b|^2. Single precision loses the digits of a distance that
 * is small against |a| and |b|, so a few more than k entries are taken as candidates, and their distances are computed
 * anew, from the differences in double precision. Where rounding could still have kept a nearer entry out, all distances
 * of that query are computed in this way. So the result is exact whatever the numbers are.
 */
export class NearestNeighbours {
  private readonly doubled: Tensor2D;
  private readonly squaredNorms: Tensor1D;
  private readonly largestNorm: number;

  /**
   * @param entries not copied, and read by every `find`
   * @throws RangeError if there are none, or one is not finite
   */
  constructor(readonly entries: Points) {
    const { count, dimensions, data } = entries;
    if (count === 0) throw new RangeError('Expected entries to search in, found none.');
    const norms = Float64Array.from({ length: count }, (_, i) => squaredNorm(entries, i));
    const broken = norms.findIndex((norm) => !Number.isFinite(norm));
    if (broken >= 0) throw notFinite('entry', broken);
    this.largestNorm = Math.sqrt(norms.reduce((largest, norm) => Math.max(largest, norm), 0));
    this.squaredNorms = tf.tensor1d(Float32Array.from(norms));
    this.doubled = tf.tidy(() => tf.mul<Tensor2D>(tf.tensor2d(data, [count, dimensions]), 2));
  }

  /**
   * The k nearest entries of each query.
   *
   * @param queries of the entries' dimensions
   * @throws RangeError for fewer than k entries, other dimensions, or a query that is not finite
   */
  find(queries: Points, k: number): Neighbours {
    const { count, dimensions } = this.entries;
    if (!Number.isInteger(k) || k < 1 || k > count) {
      throw new RangeError(`Expected to look for 1 to ${count} nearest entries, found ${k}.`);
    }
    if (queries.dimensions !== dimensions) {
      throw new RangeError(
        `Expected queries of ${dimensions} dimensions, found ${queries.dimensions}.`,
      );
    }
    const distances = new Float64Array(queries.count * k);
    const indices = new Uint32Array(queries.count * k);
    const rows = Math.max(1, Math.floor(PRODUCT_SIZE / count));
    for (let start = 0; start < queries.count; start += rows) {
      const end = Math.min(start + rows, queries.count);
      const { values, candidates, perQuery } = this.candidates(queries, start, end, k);
      for (let query = start; query < end; query++) {
        const row = (query - start) * perQuery;
        const found = Array.from(candidates.subarray(row, row + perQuery), (index) =>
          this.candidate(queries, query, index),
        ).sort(byDistance);
        const others = this.nearestOther(queries, query, values[row + perQuery - 1]);
        const isSure = perQuery === count || found[k - 1].distance ** 2 <= others;
        const nearest = isSure ? found : this.all(queries, query);
        for (let i = 0; i < k; i++) {
          distances[query * k + i] = nearest[i].distance;
          indices[query * k + i] = nearest[i].index;
        }
      }
    }
    return { k, distances, indices };
  }

  dispose(): void {
    tf.dispose([this.doubled, this.squaredNorms]);
  }

  /** The entries with the largest 2ab - |b|^2 for each query from `start` to before `end`, in rows, with these values. */
  private candidates(queries: Points, start: number, end: number, k: number) {
    const { count, dimensions } = this.entries;
    const perQuery = Math.min(count, k + SPARE);
    const top = tf.tidy(() => {
      const values = queries.data.subarray(start * dimensions, end * dimensions);
      const batch = tf.tensor2d(values, [end - start, dimensions]);
      const closeness = tf.sub(tf.matMul(batch, this.doubled, false, true), this.squaredNorms);
      return tf.topk(closeness, perQuery);
    });
    const result = {
      perQuery,
      values: top.values.dataSync<'float32'>(),
      candidates: top.indices.dataSync<'int32'>(),
    };
    tf.dispose([top.values, top.indices]);
    return result;
  }

  private candidate(queries: Points, query: number, index: number): Candidate {
    return { index, distance: Math.sqrt(squaredDistance(queries, query, this.entries, index)) };
  }

  /**
   * What no entry that is not a candidate can be nearer than, as a squared distance.
   *
   * @param closeness 2ab - |b|^2 of the last candidate, as the engine computed it
   */
  private nearestOther(queries: Points, query: number, closeness: number): number {
    const norm = squaredNorm(queries, query);
    if (!Number.isFinite(norm)) throw notFinite('query', query);
    // Numbers too large for single precision ranked nothing.
    if (!Number.isFinite(closeness)) return -Infinity;
    const scale = 2 * Math.sqrt(norm) * this.largestNorm + this.largestNorm ** 2;
    return norm - closeness - productError(this.entries.dimensions) * scale;
  }

  private all(queries: Points, query: number): Candidate[] {
    return Array.from({ length: this.entries.count }, (_, index) =>
      this.candidate(queries, query, index),
    ).sort(byDistance);
  }
}

function notFinite(what: string, index: number): RangeError {
  return new RangeError(`Expected finite numbers in ${what} ${index}, found others.`);
}

/**
 * Bound of a matrix product's relative rounding error: of the sum of `length` products in single precision, and on a GPU
 * also of the factors, which it may cut to the 10 bits of TF32.
 */
function productError(length: number): number {
  return (length + 4) * 2 ** -24 + (nativeBackend().isUsingGpuDevice ? 2 ** -9 : 0);
}
