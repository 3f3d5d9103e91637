import assert from 'node:assert/strict';
import { ResourceVariable, tf } from '../../src/lib/engine/index';
import type { Scalar, Tensor } from '../../src/lib/engine/index';
import { assertArraysNear } from './assert-arrays-near';
import { tensorCount } from './tensor-count';

const numbers = (tensor: Tensor) => tensor.dataSync<'float32'>().slice();
const scalars = (...values: number[]) => values.map((value) => tf.scalar(value)) as Scalar[];

describe('ResourceVariable', () => {
  const made: ResourceVariable[] = [];
  const variable = (values: number[]) => {
    const one = new ResourceVariable(tf.tensor1d(values));
    made.push(one);
    return one;
  };
  beforeEach(() => tf.engine().startScope());
  afterEach(() => {
    for (const each of made.splice(0)) each.dispose();
    tf.engine().endScope();
  });

  it('is one of its own, however many of a shape there are', () => {
    const [first, second] = [variable([1, 2]), variable([3, 4])];
    first.assign(tf.tensor1d([5, 6]));
    assert.deepEqual([...numbers(first.read())], [5, 6]);
    assert.deepEqual([...numbers(second.read())], [3, 4]);
  });

  it('takes a step of gradient descent with momentum, as the formula has it', () => {
    const [value, velocity] = [variable([1, -2]), variable([0.5, 0.25])];
    const [rate, momentum] = scalars(0.1, 0.9);
    const given = value.read();
    value.applyMomentum(velocity, tf.tensor1d([2, -4]), { rate, momentum });
    const moved = [0.9 * 0.5 + 2, 0.9 * 0.25 - 4];
    assertArraysNear(numbers(velocity.read()), moved, 1e-6);
    assertArraysNear(numbers(value.read()), [1 - 0.1 * moved[0], -2 - 0.1 * moved[1]], 1e-6);
    assert.deepEqual([...numbers(given)], [1, -2], 'what was read before has changed');
  });

  it('leaves a tensor alone that it was assigned', () => {
    const start = tf.tensor1d([1, -2]);
    const [value, velocity] = [variable([0, 0]), variable([0, 0])];
    value.assign(start);
    velocity.assign(start);
    const [rate, momentum] = scalars(1, 0);
    value.applyMomentum(velocity, tf.tensor1d([1, 1]), { rate, momentum });
    assert.deepEqual([...numbers(start)], [1, -2]);
    assert.deepEqual([...numbers(value.read())], [0, -3]);
  });

  it('takes a step of Adam, as the formula has it', () => {
    const [value, mean, square] = [variable([1]), variable([0.5]), variable([0.25])];
    const [rate, beta1, beta2, epsilon, zero] = scalars(0.1, 0.9, 0.999, 0.5, 0);
    const betas: [Scalar, Scalar] = [beta1, beta2];
    value.applyAdam([mean, square], tf.tensor1d([2]), { rate, betas, epsilon, zero });
    const [m, v] = [0.9 * 0.5 + 0.1 * 2, 0.999 * 0.25 + 0.001 * 4];
    assertArraysNear(numbers(mean.read()), [m], 1e-6);
    assertArraysNear(numbers(square.read()), [v], 1e-6);
    assertArraysNear(numbers(value.read()), [1 - (0.1 * m) / (Math.sqrt(v) + 0.5)], 1e-6);
  });

  it('gives its memory back', () => {
    const before = tensorCount();
    const residentBefore = process.memoryUsage().rss;
    for (let i = 0; i < 100; i++) {
      const zeros = tf.zeros([1_000_000]);
      new ResourceVariable(zeros).dispose();
      zeros.dispose();
    }
    assert.deepEqual(tensorCount(), before);
    const grown = process.memoryUsage().rss - residentBefore;
    assert.ok(grown < 100e6, `100 variables of 4 MB, disposed of, left ${grown} bytes`);
  });
});
