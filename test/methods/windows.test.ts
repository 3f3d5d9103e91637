import assert from 'node:assert/strict';
import type { ImageStack } from '../../src/lib/data/image';
import { RandomWindows, resizedStack, windowBatch } from '../../src/lib/methods/windows';
import { assertNoTensorLeak } from '../engine/tensor-count';
import { mixedIntegers } from '../metrics/mixed-integers';

/** Images of 2 x 3 pixels whose bytes count up: pixel (row, column) of image i begins with 100 i + 10 row + column. */
const COUNTED: ImageStack = {
  count: 2,
  height: 2,
  width: 3,
  data: Uint8Array.from({ length: 36 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    const [image, row, column] = [Math.floor(pixel / 6), Math.floor(pixel / 3) % 2, pixel % 3];
    return 100 * image + 10 * row + column;
  }),
};

function noise(count: number, height: number, width: number): ImageStack {
  const data = Uint8Array.from(mixedIntegers(count * height * width * 3, 5));
  return { count, height, width, data };
}

/** The first colour of each pixel of a batch. */
function firstColours(...args: Parameters<typeof windowBatch>): number[] {
  const batch = windowBatch(...args);
  const values = [...batch.dataSync()].filter((_, i) => i % 3 === 0);
  batch.dispose();
  return values;
}

const BYTES = [0, 255] as const;

describe('windowBatch', () => {
  it('gives the pixels of each window in the range asked for', () => {
    const windows = [
      { image: 0, left: 0, top: 0 },
      { image: 1, left: 1, top: 0 },
      { image: 1, left: 1, top: 0, isFlipped: true },
    ];
    const expected = [0, 1, 10, 11, 101, 102, 111, 112, 102, 101, 112, 111];
    assert.deepEqual(firstColours(COUNTED, windows, 2, BYTES), expected);
    const [first] = firstColours(COUNTED, [{ image: 1, left: 2, top: 0 }], 1, [-1, 1]);
    assert.ok(Math.abs(first - (102 / 127.5 - 1)) < 1e-6);
  });

  it('mirrors the image beyond its border, which is not repeated', () => {
    assert.deepEqual(
      firstColours(COUNTED, [{ image: 0, left: -1, top: -1 }], 2, BYTES),
      [11, 10, 1, 0],
    );
    assert.deepEqual(
      firstColours(COUNTED, [{ image: 0, left: 2, top: 1 }], 2, BYTES),
      [12, 11, 2, 1],
    );
  });

  it('refuses what a mirror cannot fill, and an image that is not there', () => {
    assert.throws(
      () => windowBatch(COUNTED, [{ image: 0, left: -3, top: 0 }], 2, BYTES),
      /mirrored margin of 2 pixels .* begins at -3 and ends at -1 of 3/,
    );
    assert.throws(
      () => windowBatch(COUNTED, [{ image: 2, left: 0, top: 0 }], 1, BYTES),
      RangeError,
    );
  });
});

describe('resizedStack', () => {
  it('resizes the images that are asked for', () => {
    const size = { height: 2, width: 3 };
    assert.deepEqual(resizedStack(COUNTED, size, 'bilinear'), COUNTED);
    const one = resizedStack(COUNTED, size, 'bilinear', [1]);
    assert.equal(one.count, 1);
    assert.deepEqual(one.data, COUNTED.data.subarray(18));
    const small = resizedStack(COUNTED, { height: 1, width: 1 }, 'bilinear', [1, 0]);
    assert.deepEqual([...small.data], [106, 106, 106, 6, 6, 6]);
  });
});

describe('RandomWindows', () => {
  const pixels = (source: RandomWindows, indices: number[], epoch: number) => {
    const batch = source.batch(indices, epoch);
    const values = batch.images.dataSync().slice();
    batch.dispose();
    return values;
  };

  it('shows images of the size of a window whole, in every epoch', () => {
    const stack = noise(3, 4, 4);
    const source = new RandomWindows(stack, { side: 4, range: BYTES, seed: 1 });
    assert.equal(source.count, 3);
    for (const epoch of [1, 2]) {
      assert.deepEqual(
        [...pixels(source, [2, 0], epoch)],
        [...stack.data.subarray(96), ...stack.data.subarray(0, 48)],
      );
    }
  });

  it('takes as many random windows of larger images as cover them, others in each epoch', () => {
    const stack = noise(2, 16, 16);
    const source = new RandomWindows(stack, { side: 8, range: BYTES, seed: 1 });
    assert.equal(source.count, 8);
    const all = Array.from({ length: 8 }, (_, i) => i);
    const [first, second] = [1, 2].map((epoch) => pixels(source, all, epoch));
    assert.notDeepEqual(first, second);
    // A window does not depend on what is in its batch.
    assert.deepEqual(pixels(source, [5], 1), first.subarray(5 * 192, 6 * 192));
    const other = new RandomWindows(stack, { side: 8, range: BYTES, seed: 2 });
    assert.notDeepEqual(pixels(other, all, 1), first);
  });

  it('moves and flips images where it is told to', () => {
    const stack = noise(1, 8, 8);
    const seen = (options: { shift?: number; flips?: boolean }) => {
      const source = new RandomWindows(stack, { side: 8, range: BYTES, seed: 1, ...options });
      const epochs = Array.from({ length: 40 }, (_, i) => pixels(source, [0], i + 1).join());
      return new Set(epochs).size;
    };
    assert.equal(seen({}), 1);
    assert.equal(seen({ flips: true }), 2);
    assert.equal(seen({ shift: 1 }), 9);
  });

  it('refuses images smaller than a window', () => {
    assert.throws(
      () => new RandomWindows(noise(1, 8, 4), { side: 8, range: BYTES, seed: 1 }),
      /images of at least 8 x 8 pixels, found 8 x 4/,
    );
  });

  it('leaves no tensor behind', () => {
    const source = new RandomWindows(noise(2, 8, 8), { side: 8, range: BYTES, seed: 1 });
    assertNoTensorLeak(() => source.batch([0, 1], 1).dispose());
  });
});
