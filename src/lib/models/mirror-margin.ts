import { tf } from '../engine/index';
import type { Tensor4D } from '../engine/index';

/** x with a margin on all four sides that mirrors it, the border itself not repeated. @param x [b, h, w, d] */
export function mirrorMargin(x: Tensor4D, margin: number): Tensor4D {
  if (margin === 0) return x;
  const [, height, width] = x.shape;
  if (margin >= Math.min(height, width)) {
    throw new RangeError(
      `Expected a margin below ${Math.min(height, width)}, the features' side, found ${margin}.`,
    );
  }
  const along = (input: Tensor4D, axis: 1 | 2) => {
    const size = input.shape[axis];
    const part = (begin: number) => {
      const starts = [0, 0, 0, 0];
      const sizes = input.shape.slice();
      starts[axis] = begin;
      sizes[axis] = margin;
      return tf.reverse(tf.slice(input, starts, sizes), axis);
    };
    return tf.concat([part(1), input, part(size - 1 - margin)], axis) as Tensor4D;
  };
  return along(along(x, 1), 2);
}
