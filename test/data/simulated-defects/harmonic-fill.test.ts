import assert from 'node:assert/strict';
import { harmonicFill } from '../../../src/lib/data/simulated-defects/harmonic-fill';

const size = { width: 30, height: 24 };

/** A picture whose channels rise evenly in three directions, and a round hole in it. */
function ramp() {
  const { width, height } = size;
  const colours = new Float32Array(3 * width * height);
  const hole = new Float32Array(width * height);
  for (let i = 0; i < hole.length; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    colours.set([3 * x, 200 - 5 * y, x + y], 3 * i);
    hole[i] = +((x - 14) ** 2 + (y - 11) ** 2 < 64);
  }
  return { colours, hole };
}

describe('harmonicFill', () => {
  it('continues the surroundings: an even slope stays one', () => {
    const { colours, hole } = ramp();
    const damaged = colours.map((value, i) => (hole[Math.floor(i / 3)] > 0 ? 255 : value));
    const filled = harmonicFill(damaged, size, hole);
    filled.forEach((value, i) => assert.ok(Math.abs(value - colours[i]) < 0.5, `${i}: ${value}`));
  });

  it('leaves what is outside the hole as it was, and the given colours too', () => {
    const { colours, hole } = ramp();
    const before = colours.slice();
    const filled = harmonicFill(colours, size, new Float32Array(hole.length));
    assert.deepEqual(filled, colours);
    assert.deepEqual(colours, before);
  });

  it('stays within the colours around it, at the border of the picture too', () => {
    const { width, height } = size;
    const hole = Float32Array.from({ length: width * height }, (_, i) => +(i % width < 10));
    const colours = Float32Array.from({ length: 3 * hole.length }, (_, i) => (i * 37) % 100);
    const filled = harmonicFill(colours, size, hole);
    assert.ok(filled.every((value) => value > -1 && value < 101));
  });
});
