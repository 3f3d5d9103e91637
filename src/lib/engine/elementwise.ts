import { FLOAT, rawOp } from './raw-op';
import type { Scalar, Tensor } from './tensorflow';

/*
 * Ops on float32 tensors that record no gradient: for the forward and backward functions of `defineOp`, and for
 * optimisers. They run without tfjs's bookkeeping, which takes longer than the op for most parameters.
 */

/** x^2, element by element. */
export function square<T extends Tensor>(x: T): T {
  return rawOp('Square', [x], FLOAT) as T;
}

/** a + b, element by element. @param b of the shape of `a`, or one that is broadcast to it */
export function add<T extends Tensor>(a: T, b: Tensor): T {
  return rawOp('AddV2', [a, b], FLOAT) as T;
}

/** a b, element by element. @param b of the shape of `a`, or one that is broadcast to it, such as a scalar */
export function multiply<T extends Tensor>(a: T, b: Tensor): T {
  return rawOp('Mul', [a, b], FLOAT) as T;
}

/** 1/2 the sum of all squares, in one pass over the memory. */
export function halfSquaredNorm(x: Tensor): Scalar {
  return rawOp('L2Loss', [x], FLOAT) as Scalar;
}

/** The same values outside the gradient's graph: what depends on them gives no gradient back to `x`. */
export function detach<T extends Tensor>(x: T): T {
  return rawOp('Identity', [x], FLOAT) as T;
}
