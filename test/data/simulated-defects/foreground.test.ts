import assert from 'node:assert/strict';
import type { ImageStack } from '../../../src/lib/data/image';
import { findForeground } from '../../../src/lib/data/simulated-defects/foreground';
import { Random } from '../../../src/lib/random/random';
import { goodPictures } from './good-pictures';

const width = 80;
const height = 64;

/** Pictures of discs before a noisy background. @param discs middle and radius of each picture's */
function discs(places: readonly [x: number, y: number, radius: number][], contrast = 100) {
  const random = Random.fromSeed(5);
  const stack: ImageStack = {
    count: places.length,
    height,
    width,
    data: new Uint8Array(places.length * height * width * 3),
  };
  const truth = new Uint8Array(places.length * height * width);
  for (let i = 0; i < truth.length; i++) {
    const [x, y, radius] = places[Math.floor(i / (width * height))];
    const [column, row] = [i % width, Math.floor(i / width) % height];
    truth[i] = +((column - x) ** 2 + (row - y) ** 2 <= radius * radius);
    for (let c = 0; c < 3; c++) {
      stack.data[3 * i + c] = 60 + 20 * c + truth[i] * contrast + 4 * random.normal();
    }
  }
  return { stack, truth };
}

/** Intersection over union. */
function likeness(a: Uint8Array, b: Uint8Array): number {
  let [both, either] = [0, 0];
  a.forEach((value, i) => {
    both += value & b[i];
    either += value | b[i];
  });
  return both / either;
}

describe('findForeground', () => {
  it('finds the object of each picture by itself, wherever it lies', () => {
    const { stack, truth } = discs([
      [40, 32, 20],
      [25, 30, 12],
      [60, 40, 9],
    ]);
    const { isTexture, data } = findForeground(stack);
    assert.equal(isTexture, false);
    // Its edge is taken in: a pixel or two more.
    assert.ok(likeness(data, truth) > 0.7, `${likeness(data, truth)}`);
    assert.ok(truth.every((value, i) => value <= data[i]));
  });

  it('finds an object that reaches the border', () => {
    const { stack, truth } = discs([[78, 32, 22]]);
    const { isTexture, data } = findForeground(stack);
    assert.equal(isTexture, false);
    assert.ok(likeness(data, truth) > 0.8, `${likeness(data, truth)}`);
  });

  it('counts what the object encloses as part of it', () => {
    const { stack } = discs([[40, 32, 20]]);
    const hole = discs([[40, 32, 8]]);
    hole.truth.forEach((value, i) => {
      if (value === 1) stack.data.set([60, 80, 100], 3 * i);
    });
    const { data } = findForeground(stack);
    assert.ok(hole.truth.every((value, i) => value <= data[i]));
  });

  it('takes all of a texture, of a plain picture, and of one that hides in its noise', () => {
    const { stack } = discs([[40, 32, 20]], 8);
    const plain = { ...stack, data: new Uint8Array(stack.data.length).fill(128) };
    for (const pictures of [stack, plain, goodPictures('leather')]) {
      const { isTexture, data } = findForeground(pictures);
      assert.equal(isTexture, true);
      assert.ok(data.every((value) => value === 1));
    }
  });

  it('finds the bottle', () => {
    const bottles = goodPictures('bottle');
    const { isTexture, data } = findForeground(bottles);
    const pixels = bottles.height * bottles.width;
    assert.equal(isTexture, false);
    for (let image = 0; image < bottles.count; image++) {
      const own = data.subarray(image * pixels, (image + 1) * pixels);
      const share = own.reduce((sum, value) => sum + value, 0) / pixels;
      assert.ok(share > 0.55 && share < 0.8, `${share}`);
      const middle = (bottles.height / 2) * bottles.width + bottles.width / 2;
      assert.deepEqual([own[0], own[middle], own[pixels - 1]], [0, 1, 0]);
    }
  });
});
