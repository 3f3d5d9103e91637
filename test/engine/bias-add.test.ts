import { biasAdd, tf } from '../../src/lib/engine/index';
import type { Tensor1D, Tensor4D } from '../../src/lib/engine/index';
import { assertSameAsTwin, filled } from './composed-twin';

describe('biasAdd', () => {
  it('adds a number to each channel, with both gradients', () => {
    const inputs = [filled([2, 3, 5, 4], 540), filled([4], 541)];
    assertSameAsTwin(
      (x, b) => biasAdd(x as Tensor4D, b as Tensor1D),
      (x, b) => tf.add(x, b),
      inputs,
    );
    tf.dispose(inputs);
  });
});
