import assert from 'node:assert/strict';
import { nativeBackend, tf } from '../../src/lib/engine/index';

/** Tensors that tfjs knows, and tensors that TensorFlow holds. */
export function tensorCount(): { tensors: number; native: number } {
  return { tensors: tf.memory().numTensors, native: nativeBackend().getNumOfTFTensors() };
}

/** Asserts that a second and third run leave no more tensors behind than a first did. */
export function assertNoTensorLeak(run: () => void): void {
  run();
  const before = tensorCount();
  run();
  run();
  assert.deepEqual(tensorCount(), before);
}
