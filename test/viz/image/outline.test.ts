import assert from 'node:assert/strict';
import fc from 'fast-check';
import { drawOutline } from '../../../src/viz/image/draw-outline';
import { outlinePath } from '../../../src/viz/image/outline';

const mask = (width: number, pixels: number[]) => ({
  width,
  height: pixels.length / width,
  data: Uint8Array.from(pixels),
});

describe('outlinePath', () => {
  it('goes around a region along the edges of its pixels', () => {
    const path = outlinePath(mask(4, [0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]));
    assert.equal(path, 'M1 1H3M1 2H3M1 1V2M3 1V2');
  });

  it('closes regions that touch the border', () => {
    assert.equal(outlinePath(mask(1, [1])), 'M0 0H1M0 1H1M0 0V1M1 0V1');
  });

  it('goes around holes too', () => {
    const ring = outlinePath(mask(3, [1, 1, 1, 1, 0, 1, 1, 1, 1]));
    assert.match(ring, /M1 1H2/);
    assert.match(ring, /M2 1V2/);
  });

  it('is empty for an empty mask', () => {
    assert.equal(outlinePath(mask(2, [0, 0, 0, 0])), '');
  });

  it('is as long as there are edges between inside and outside', () => {
    const pixels = fc.array(fc.constantFrom(0, 1), { minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(pixels, (data) => {
        const at = (x: number, y: number): number =>
          x < 0 || y < 0 || x > 4 || y > 3 ? 0 : data[y * 5 + x];
        let edges = 0;
        for (let y = 0; y <= 4; y++) {
          for (let x = 0; x <= 5; x++) {
            edges += Number(at(x, y) !== at(x - 1, y)) + Number(at(x, y) !== at(x, y - 1));
          }
        }
        const runs = outlinePath(mask(5, data)).matchAll(/M(\d+) (\d+)(H|V)(\d+)/g);
        const length = [...runs].reduce(
          (sum, [, x, y, way, end]) => sum + Number(end) - Number(way === 'H' ? x : y),
          0,
        );
        assert.equal(length, edges);
      }),
    );
  });
});

describe('drawOutline', () => {
  const grey = { width: 7, height: 7, data: new Uint8Array(3 * 49).fill(90) };
  const dot = mask(
    7,
    Array.from({ length: 49 }, (_, i) => Number(i === 24)),
  );
  const shade = (data: Uint8Array, x: number, y: number): number => data[3 * (7 * y + x)];

  it('draws a white line with a dark rim around the region, not on it', () => {
    const { data } = drawOutline(grey, dot);
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5, 6].map((x) => shade(data, x, 3)),
      [90, 0, 255, 90, 255, 0, 90],
    );
    assert.equal(shade(data, 2, 2), 255);
  });

  it('draws a thicker line on request', () => {
    const { data } = drawOutline(grey, dot, { thickness: 2 });
    assert.deepEqual(
      [0, 1, 2, 3].map((x) => shade(data, x, 3)),
      [0, 255, 255, 90],
    );
  });

  it('leaves the given image alone, and draws nothing for an empty mask', () => {
    const empty = mask(7, new Array(49).fill(0));
    const { data } = drawOutline(grey, empty);
    assert.deepEqual(data, grey.data);
    assert.notEqual(data, grey.data);
    drawOutline(grey, dot);
    assert.ok(grey.data.every((value) => value === 90));
  });

  it('refuses a mask of another size', () => {
    assert.throws(() => drawOutline(grey, mask(1, [1])), /expected a mask of 7 x 7, found 1 x 1/);
  });
});
