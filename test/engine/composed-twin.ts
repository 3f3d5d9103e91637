import assert from 'node:assert/strict';
import { tf } from '../../src/lib/engine/index';
import type { Tensor } from '../../src/lib/engine/index';
import { fill } from '../models/fill';
import { assertArraysNear } from './assert-arrays-near';
import { assertNoTensorLeak } from './tensor-count';

/** A tensor of the numbers of a stream, from -scale to scale. */
export function filled<T extends Tensor>(shape: number[], stream: number, scale = 1): T {
  return tf.tensor(fill(shape, stream, scale), shape) as T;
}

type Op = (...inputs: Tensor[]) => Tensor;

/**
 * Asserts that an op and its twin, composed of tfjs's own ops, agree: the value, and the gradient with respect to
 * every input, all together and each alone. None of it may leave a tensor behind.
 */
export function assertSameAsTwin(op: Op, twin: Op, inputs: Tensor[], tolerance = 2e-6): void {
  const y = op(...inputs);
  const expected = twin(...inputs);
  assert.deepEqual(y.shape, expected.shape);
  assertArraysNear(y.dataSync(), expected.dataSync(), tolerance, 'value');

  const dy = filled(y.shape, 999);
  const gradients = tf.grads(op)(inputs, dy);
  const expectedGradients = tf.grads(twin)(inputs, dy);
  gradients.forEach((gradient, i) => {
    const values = expectedGradients[i].dataSync();
    assertArraysNear(gradient.dataSync(), values, tolerance, `gradient of input ${i}`);
    const ofThisAlone = (x: Tensor) => op(...inputs.map((input, j) => (j === i ? x : input)));
    const alone = tf.grad(ofThisAlone)(inputs[i], dy);
    assertArraysNear(alone.dataSync(), values, tolerance, `gradient of input ${i} alone`);
    alone.dispose();
    assertNoTensorLeak(() => tf.grad(ofThisAlone)(inputs[i], dy).dispose());
  });
  assertNoTensorLeak(() => tf.dispose(tf.grads(op)(inputs, dy)));
  tf.dispose([y, expected, dy, gradients, expectedGradients]);
}
