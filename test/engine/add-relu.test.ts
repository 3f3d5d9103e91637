import { addRelu, tf } from '../../src/lib/engine/index';
import { assertSameAsTwin, filled } from './composed-twin';

describe('addRelu', () => {
  it('is max(a + b, 0), with both gradients', () => {
    const inputs = [filled([2, 3, 5, 4], 570), filled([2, 3, 5, 4], 571)];
    assertSameAsTwin(
      (a, b) => addRelu(a, b),
      (a, b) => tf.relu(tf.add(a, b)),
      inputs,
    );
    tf.dispose(inputs);
  });

  it('takes the same tensor twice', () => {
    const x = filled([3, 4], 572);
    assertSameAsTwin(
      (a) => addRelu(a, a),
      (a) => tf.relu(tf.add(a, a)),
      [x],
    );
    x.dispose();
  });
});
