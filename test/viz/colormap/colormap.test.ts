import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { colormap, type ColormapName } from '../../../src/viz/colormap/colormap';

const golden: Record<string, number[]> = JSON.parse(
  readFileSync(path.join(__dirname, '../../fixtures/viz/colormaps.json'), 'utf8'),
);
const PERCEPTUAL = ['inferno', 'magma', 'plasma', 'viridis'] as const;

describe('colormap', () => {
  it("is OpenCV's JET, entry by entry", () => {
    assert.deepEqual([...colormap('jet')], golden.jet);
  });

  for (const name of PERCEPTUAL) {
    it(`is matplotlib's ${name} within 3 of 255`, () => {
      const table = colormap(name);
      assert.equal(table.length, golden[name].length);
      const farthest = Math.max(...golden[name].map((value, i) => Math.abs(value - table[i])));
      assert.ok(farthest <= 3, `farthest channel: ${farthest}`);
    });
  }

  for (const name of [...PERCEPTUAL, 'grey'] as const) {
    it(`grows lighter from entry to entry in ${name}`, () => {
      const light = luminances(name);
      for (let i = 1; i < 256; i++) assert.ok(light[i] >= light[i - 1] - 1, `entry ${i}`);
      assert.ok(light[255] - light[0] > 150);
    });
  }

  it('does not grow lighter from end to end in JET, which is why others are offered', () => {
    const light = luminances('jet');
    assert.ok(light[255] < light[128]);
  });

  it('makes a table only once', () => {
    assert.equal(colormap('viridis'), colormap('viridis'));
  });
});

function luminances(name: ColormapName): number[] {
  const table = colormap(name);
  return Array.from(
    { length: 256 },
    (_, i) => 0.2126 * table[3 * i] + 0.7152 * table[3 * i + 1] + 0.0722 * table[3 * i + 2],
  );
}
