import assert from 'node:assert/strict';
import {
  surfaceContrast,
  visibleChange,
} from '../../../src/lib/data/simulated-defects/visible-change';
import type { Region } from '../../../src/lib/data/simulated-defects/region';
import { Random } from '../../../src/lib/random/random';

const side = 40;
const pixels = side * side;

/** A rectangle of which the middle is covered. */
const region: Region = {
  left: 0,
  top: 0,
  width: side,
  height: side,
  cover: Float32Array.from({ length: pixels }, (_, i) => {
    const [x, y] = [i % side, Math.floor(i / side)];
    return +(x >= 10 && x < 30 && y >= 10 && y < 30);
  }),
};

/** A rough grey surface. */
function surface(seed: number, deviation: number): Uint8Array {
  const random = Random.fromSeed(seed);
  const colours = new Uint8Array(3 * pixels);
  for (let i = 0; i < pixels; i++)
    colours.fill(120 + deviation * random.normal(), 3 * i, 3 * i + 3);
  return colours;
}

function changed(before: Uint8Array, change: (value: number, i: number) => number): Uint8Array {
  return before.map((value, i) =>
    region.cover[Math.floor(i / 3)] > 0 ? change(value, Math.floor(i / 3)) : value,
  );
}

const count = (mask: Uint8Array) => mask.reduce((sum, value) => sum + value, 0);

describe('visibleChange', () => {
  it('sees a piece of another brightness, and where it is', () => {
    const before = surface(1, 8);
    const seen = visibleChange(
      before,
      changed(before, (value) => value + 20),
      region,
    );
    assert.deepEqual(seen, Uint8Array.from(region.cover));
  });

  it('sees a thin line on a smooth surface', () => {
    const before = surface(1, 1);
    const after = changed(before, (value, i) => (i % side === 20 ? value + 40 : value));
    const seen = visibleChange(before, after, region);
    for (let y = 11; y < 29; y++) assert.equal(seen[y * side + 20], 1);
    assert.ok(count(seen) < 20 * 8);
  });

  it('sees a surface that is rougher or smoother', () => {
    const [rough, smooth] = [surface(1, 20), surface(2, 2)];
    const rougher = changed(smooth, (_, i) => rough[3 * i]);
    assert.ok(count(visibleChange(smooth, rougher, region)) > 0.95 * 400);
    const smoother = changed(rough, (_, i) => smooth[3 * i]);
    assert.ok(count(visibleChange(rough, smoother, region)) > 0.75 * 400);
  });

  it('does not see another piece of the same surface, though all pixels differ', () => {
    const [before, other] = [surface(1, 20), surface(2, 20)];
    const seen = visibleChange(
      before,
      changed(before, (_, i) => other[3 * i]),
      region,
    );
    assert.ok(count(seen) < 0.05 * 400, `${count(seen)}`);
  });

  it('sees nothing where nothing changed', () => {
    assert.equal(count(visibleChange(surface(1, 8), surface(1, 8), region)), 0);
  });
});

describe('surfaceContrast', () => {
  it('is the deviation of the brightness where it is covered', () => {
    const contrast = surfaceContrast(surface(3, 10), region);
    assert.ok(contrast > 9 && contrast < 11, `${contrast}`);
    assert.equal(
      surfaceContrast(surface(3, 10), { ...region, cover: new Float32Array(pixels) }),
      0,
    );
  });
});
