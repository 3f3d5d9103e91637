import { randomUUID } from 'crypto';
import { FLOAT, rawOp, rawOps } from './raw-op';
import { tf } from './tensorflow';
import type { Scalar, Tensor } from './tensorflow';

const ELEMENTS = { dtype: { type: 'float32' as const } };
const OPTIMISER = { ...FLOAT, use_locking: false, use_nesterov: false };

// Handles are known by their names throughout the process, and a notebook may load this module more than once.
const NAMESPACE = randomUUID();
let made = 0;

/**
 * A float32 variable of TensorFlow itself. tfjs has variables of its own, which every update replaces with a new tensor;
 * these are what TensorFlow's optimiser ops take, and update in place in one pass over the memory.
 */
export class ResourceVariable {
  private readonly handle: Tensor;

  constructor(value: Tensor) {
    const attributes = {
      ...ELEMENTS,
      shape: { shape: value.shape },
      shared_name: `${NAMESPACE}/${made++}`,
    };
    this.handle = tf.keep(rawOp('VarHandleOp', [], attributes));
    this.assign(value);
  }

  /** Shares the tensor's memory until either is changed. */
  assign(value: Tensor): void {
    rawOps('AssignVariableOp', [this.handle, value], ELEMENTS, 0);
  }

  /** The value as it stands, which later updates leave alone. */
  read<T extends Tensor>(): T {
    return rawOp('ReadVariableOp', [this.handle], ELEMENTS) as T;
  }

  dispose(): void {
    rawOps('DestroyResourceOp', [this.handle], {}, 0);
    this.handle.dispose();
  }

  /**
   * One step of Adam: the moments move towards the gradient and its square, and then
   * `this -= rate mean / (sqrt(square) + epsilon)`.
   *
   * @param rate with both moments' corrections in it. The op could correct them, but in single precision, where
   *   1 - 0.999 is 6e-5 off.
   */
  applyAdam(
    [mean, square]: [ResourceVariable, ResourceVariable],
    gradient: Tensor,
    { rate, betas, epsilon, zero }: AdamScalars,
  ): void {
    const handles = [this.handle, mean.handle, square.handle];
    const inputs = [...handles, zero, zero, rate, ...betas, epsilon, gradient];
    rawOps('ResourceApplyAdam', inputs, OPTIMISER, 0);
  }

  /** One step of gradient descent: `velocity = momentum velocity + gradient; this -= rate velocity`. */
  applyMomentum(
    velocity: ResourceVariable,
    gradient: Tensor,
    { rate, momentum }: { rate: Scalar; momentum: Scalar },
  ): void {
    const inputs = [this.handle, velocity.handle, rate, gradient, momentum];
    rawOps('ResourceApplyMomentum', inputs, OPTIMISER, 0);
  }
}

export interface AdamScalars {
  rate: Scalar;
  betas: [Scalar, Scalar];
  epsilon: Scalar;
  /** The number 0. */
  zero: Scalar;
}
