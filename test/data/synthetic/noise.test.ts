import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  cellMosaic,
  fractalNoise,
  gradientNoise,
  latticeHash,
  smoothField,
} from '../../../src/lib/data/synthetic/noise';

const coordinate = fc.double({ min: -1000, max: 1000, noNaN: true });

describe('latticeHash', () => {
  it('is known for a point and a seed', () => {
    assert.equal(latticeHash(0, 0, 1), 1364076727);
    assert.equal(latticeHash(-3, 7, 2), 1309793122);
  });

  it('sets each bit for about half of the points', () => {
    const counts = new Array<number>(32).fill(0);
    for (let y = 0; y < 64; y++) {
      for (let x = 0; x < 64; x++) {
        const hash = latticeHash(x, y, 5);
        for (let bit = 0; bit < 32; bit++) counts[bit] += (hash >>> bit) & 1;
      }
    }
    for (const count of counts) assert.ok(Math.abs(count - 2048) < 200, `${count} of 4096`);
  });
});

describe('gradientNoise', () => {
  it('is zero on the lattice and stays within its range elsewhere', () => {
    const noise = gradientNoise(3);
    fc.assert(
      fc.property(coordinate, coordinate, (x, y) => {
        assert.equal(Math.abs(noise(Math.floor(x), Math.floor(y))), 0);
        assert.ok(Math.abs(noise(x, y)) <= 1);
      }),
    );
  });

  it('is continuous', () => {
    const noise = fractalNoise(4, 3);
    fc.assert(
      fc.property(coordinate, coordinate, (x, y) => {
        assert.ok(Math.abs(noise(x, y) - noise(x + 1e-6, y - 1e-6)) < 1e-4);
      }),
    );
  });

  it('varies, about a mean of zero', () => {
    const noise = gradientNoise(8);
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < 10_000; i++) {
      const value = noise(0.37 * (i % 100), 0.37 * Math.floor(i / 100));
      sum += value / 10_000;
      squares += (value * value) / 10_000;
    }
    assert.ok(Math.abs(sum) < 0.03, `mean ${sum}`);
    assert.ok(squares > 0.03 && squares < 0.15, `mean square ${squares}`);
  });
});

describe('cellMosaic', () => {
  it('finds the two nearest centres', () => {
    const mosaic = cellMosaic(6);
    const point = { nearest: 0, second: 0, id: 0 };
    fc.assert(
      fc.property(coordinate, coordinate, (x, y) => {
        mosaic(x, y, point);
        const distances = [];
        for (let j = -4; j <= 4; j++) {
          for (let i = -4; i <= 4; i++) {
            const hash = latticeHash(Math.floor(x) + i, Math.floor(y) + j, 6);
            const centreX = Math.floor(x) + i + (hash & 0xffff) / 65536;
            const centreY = Math.floor(y) + j + (hash >>> 16) / 65536;
            distances.push(Math.hypot(centreX - x, centreY - y));
          }
        }
        distances.sort((a, b) => a - b);
        assert.ok(Math.abs(point.nearest - distances[0]) < 1e-9);
        // A second centre beyond the eight squares around is missed: it is far, and rare.
        assert.ok(point.second >= distances[1] - 1e-9);
        if (distances[1] < 1) assert.ok(Math.abs(point.second - distances[1]) < 1e-9);
      }),
    );
  });
});

describe('smoothField', () => {
  it('follows the surface that it stands for', () => {
    const noise = gradientNoise(9);
    const surface = (x: number, y: number) => noise(8 * x, 8 * y);
    const field = smoothField(surface);
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(unit, unit, (x, y) => {
        assert.ok(Math.abs(field(x, y) - surface(x, y)) < 0.01);
      }),
    );
  });
});
