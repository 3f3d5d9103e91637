import { tf } from '../../src/lib/engine/index';
import type { Tensor } from '../../src/lib/engine/index';
import type { Workload } from './workload';

export interface MatmulOptions {
  side: number;
}

/** C = A B, both [side, side], float32: what the machine's cores can do at most. The value is C's first element. */
export const matmul: Workload = (request) => {
  const { side } = request as unknown as MatmulOptions;
  const values = Float32Array.from(
    { length: side * side },
    (_, i) => ((i * 7919) % 1009) / 1009 - 0.5,
  );
  const matrix = tf.tensor2d(values, [side, side]);
  const repeat = () => {
    const product: Tensor = tf.matMul(matrix, matrix);
    const first = tf.slice(product, [0, 0], [1, 1]);
    const value = first.dataSync()[0];
    tf.dispose([product, first]);
    return value;
  };
  return { repeat, flops: 2 * side ** 3 };
};
