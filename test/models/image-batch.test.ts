import assert from 'node:assert/strict';
import { tf } from '../../src/lib/engine/index';
import { imageBatch } from '../../src/lib/models/image-batch';
import { assertArraysNear } from '../engine/assert-arrays-near';

describe('imageBatch', () => {
  // Two images of 2 x 1 pixels.
  const stack = {
    count: 2,
    width: 2,
    height: 1,
    data: Uint8Array.of(0, 0, 0, 255, 255, 255, 10, 20, 30, 40, 50, 60),
  };

  it('normalises each channel with its own mean and deviation', () => {
    const batch = imageBatch(stack, [0]);
    assert.deepEqual(batch.shape, [1, 1, 2, 3]);
    const black = [-2.117904, -2.035714, -1.804444];
    const white = [2.2489083, 2.4285715, 2.64];
    assertArraysNear(batch.dataSync(), [...black, ...white], 1e-6);
    batch.dispose();
  });

  it('gives each of the 256 values of a byte the number that the formula has, to the bit', () => {
    const data = Uint8Array.from({ length: 3 * 256 }, (_, i) => Math.floor(i / 3));
    const batch = imageBatch({ count: 1, width: 256, height: 1, data }, [0]);
    const expected = Float32Array.from(data, (value, i) => {
      const channel = i % 3;
      return (value / 255 - [0.485, 0.456, 0.406][channel]) / [0.229, 0.224, 0.225][channel];
    });
    assert.deepEqual(batch.dataSync(), expected);
    batch.dispose();
  });

  it('takes the images asked for, in that order, as often as asked for', () => {
    tf.tidy(() => {
      const batch = imageBatch(stack, [1, 0, 1]);
      const [first, second, third] = tf.unstack(batch).map((image) => [...image.dataSync()]);
      assert.deepEqual(third, first);
      assert.deepEqual(second, [...imageBatch(stack, [0]).dataSync()]);
      const pixel = [10, 20, 30].map(
        (x, c) => (x / 255 - [0.485, 0.456, 0.406][c]) / [0.229, 0.224, 0.225][c],
      );
      assertArraysNear(first.slice(0, 3), pixel, 1e-6);
    });
  });

  it('refuses an image that the stack does not have', () => {
    assert.throws(() => imageBatch(stack, [2]), /one of 2 images, found 2/);
    assert.throws(() => imageBatch(stack, [-1]), /one of 2 images, found -1/);
  });
});
