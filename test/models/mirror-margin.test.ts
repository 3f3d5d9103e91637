import assert from 'node:assert/strict';
import { tf } from '../../src/lib/engine/index';
import type { Tensor4D } from '../../src/lib/engine/index';
import { mirrorMargin } from '../../src/lib/models/auto-encoder';

describe('mirrorMargin', () => {
  it('mirrors rows and columns without the border itself', () => {
    tf.tidy(() => {
      const x = tf.reshape(tf.range(1, 10), [1, 3, 3, 1]) as Tensor4D;
      const rows = (tf.squeeze(mirrorMargin(x, 2)) as unknown as { arraySync(): number[][] })
        .arraySync()
        .map((row) => row.join(''));
      assert.deepEqual(rows, [
        '9878987',
        '6545654',
        '3212321',
        '6545654',
        '9878987',
        '6545654',
        '3212321',
      ]);
      assert.throws(() => mirrorMargin(x, 3), /margin below 3/);
    });
  });
});
