import assert from 'node:assert/strict';
import fc from 'fast-check';
import { connectedComponents } from '../../src/lib/metrics/regions';
import { readFixture } from './fixture';

interface Case {
  name: string;
  width: number;
  height: number;
  rows: string[];
  labels: number[];
  count: number;
}

describe('connectedComponents', () => {
  for (const { name, width, height, rows, labels, count } of readFixture<Case[]>(
    'components.json',
  )) {
    it(`numbers ${name} as scipy does`, () => {
      const mask = Uint8Array.from(rows.join(''), (pixel) => +(pixel === '#'));
      const components = connectedComponents(mask, { height, width });
      assert.deepEqual([...components.labels], labels);
      assert.equal(components.sizes.length, count + 1);
      components.sizes.forEach((size, label) => {
        assert.equal(size, labels.filter((other) => other === label).length);
      });
    });
  }

  it('takes any value but 0 as part of a component', () => {
    const { sizes } = connectedComponents(Uint8Array.of(255, 1, 0, 2), { height: 1, width: 4 });
    assert.deepEqual([...sizes], [1, 2, 1]);
  });

  it('finds what a flood fill finds', () => {
    const masks = fc
      .record({ width: fc.integer({ min: 1, max: 12 }), height: fc.integer({ min: 1, max: 12 }) })
      .chain(({ width, height }) => {
        const length = width * height;
        const pixels = fc.array(fc.integer({ min: 0, max: 1 }), {
          minLength: length,
          maxLength: length,
        });
        return fc.record({ width: fc.constant(width), height: fc.constant(height), pixels });
      });
    fc.assert(
      fc.property(masks, ({ width, height, pixels }) => {
        const { labels } = connectedComponents(Uint8Array.from(pixels), { height, width });
        assert.deepEqual([...labels], floodFill(pixels, width, height));
      }),
      { numRuns: 300 },
    );
  });

  it('refuses a mask of another size', () => {
    assert.throws(
      () => connectedComponents(new Uint8Array(7), { height: 2, width: 4 }),
      /^RangeError: Expected a mask of 4 x 2 = 8 pixels, found 7\.$/,
    );
  });
});

function floodFill(pixels: number[], width: number, height: number): number[] {
  const labels = pixels.map(() => 0);
  let count = 0;
  pixels.forEach((pixel, start) => {
    if (pixel === 0 || labels[start] !== 0) return;
    labels[start] = ++count;
    const queue = [start];
    for (let i = queue.pop(); i !== undefined; i = queue.pop()) {
      const [x, y] = [i % width, Math.floor(i / width)];
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const next = v * width + u;
          if (pixels[next] === 0 || labels[next] !== 0) continue;
          labels[next] = count;
          queue.push(next);
        }
      }
    }
  });
  return labels;
}
