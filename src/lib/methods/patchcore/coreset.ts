import { tf } from '../../engine/index';
import type { Tensor1D, Tensor2D } from '../../engine/index';
import type { Random } from '../../random/random';
import type { Points } from '../../statistics/points';

/** Dimensions of the random projection that distances are compared in (section 3.2, Johnson-Lindenstrauss). */
const PROJECTED = 128;

/** Choices between two turns of the event loop. */
const TURN = 64;

export interface CoresetOptions {
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/**
 * A greedy k-centre subset (Algorithm 1): begins with a random point, and adds the one that is farthest from all chosen
 * so far, as compared after a random projection. No point is then farther from the subset than from its last member.
 *
 * @param size how many, at most all
 * @returns their rows, in the order in which they were chosen
 * @throws RangeError for a size that is not from 1 to the number of points; the signal's reason
 */
export async function greedyCoreset(
  points: Points,
  size: number,
  random: Random,
  { signal, onProgress }: CoresetOptions = {},
): Promise<Uint32Array> {
  const { count } = points;
  if (!Number.isInteger(size) || size < 1 || size > count) {
    throw new RangeError(`Expected a subset of 1 to ${count} points, found ${size}.`);
  }
  const chosen = new Uint32Array(size);
  chosen[0] = Math.floor(random.fork('first').next() * count);
  const projected = project(points, random.fork('projection'));
  const norms = tf.tidy(() => tf.sum(tf.square(projected), 1)) as Tensor1D;
  let nearest: Tensor1D = tf.fill([count], Infinity);
  try {
    for (let i = 0; i < size; i++) {
      const before = nearest;
      nearest = tf.tidy(() => tf.minimum(before, distancesTo(projected, norms, chosen[i])));
      before.dispose();
      if (i + 1 < size) chosen[i + 1] = farthest(nearest);
      if (i % TURN > 0) continue;
      onProgress?.(i, size);
      await new Promise(setImmediate);
      signal?.throwIfAborted();
    }
    onProgress?.(size, size);
    return chosen;
  } finally {
    tf.dispose([projected, norms, nearest]);
  }
}

/** Squared distances of all points to one of them. */
function distancesTo(points: Tensor2D, norms: Tensor1D, index: number): Tensor1D {
  const [count, dimensions] = points.shape;
  const centre = tf.slice(points, [index, 0], [1, dimensions]);
  const products = tf.reshape(tf.matMul(points, centre, false, true), [count]);
  const norm = tf.sum(tf.square(centre));
  return tf.add(tf.sub(norms, tf.mul(products, 2)), norm) as Tensor1D;
}

function farthest(distances: Tensor1D): number {
  const index = tf.tidy(() => tf.argMax(distances));
  const [value] = index.dataSync();
  index.dispose();
  return value;
}

/** Onto random directions; as they are where that would not make them shorter. */
function project({ count, dimensions, data }: Points, random: Random): Tensor2D {
  if (dimensions <= PROJECTED) return tf.tensor2d(data, [count, dimensions]);
  const scale = 1 / Math.sqrt(PROJECTED);
  const directions = Float32Array.from(
    { length: dimensions * PROJECTED },
    () => scale * random.normal(),
  );
  return tf.tidy(() =>
    tf.matMul(
      tf.tensor2d(data, [count, dimensions]),
      tf.tensor2d(directions, [dimensions, PROJECTED]),
    ),
  );
}
