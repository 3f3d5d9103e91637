import assert from 'node:assert/strict';
import fc from 'fast-check';
import { colormap } from '../../../src/viz/colormap/colormap';
import { heatMap } from '../../../src/viz/image/heat-map';

describe('heatMap', () => {
  it('gives the smallest value the first colour and the largest the last', () => {
    const { width, height, data } = heatMap(Float32Array.of(1, 3), { width: 2, height: 1 });
    assert.deepEqual([width, height], [2, 1]);
    assert.deepEqual([...data], [...[0, 0, 128], ...[128, 0, 0]]);
  });

  it('keeps colours comparable on a fixed range', () => {
    const at = (map: Float32Array): number[] => [
      ...heatMap(map, { width: 1, height: 1 }, { range: { lo: 0, hi: 2 } }).data,
    ];
    assert.deepEqual(at(Float32Array.of(1)), [...colormap('jet').slice(3 * 128, 3 * 129)]);
    assert.deepEqual(at(Float32Array.of(7)), at(Float32Array.of(2)));
  });

  it('draws only colours of its map, whatever the values', () => {
    const table = colormap('inferno');
    const entries = new Set<string>();
    for (let i = 0; i < 256; i++) entries.add(table.slice(3 * i, 3 * i + 3).join());
    fc.assert(
      fc.property(fc.float32Array({ minLength: 1, maxLength: 40, noNaN: true }), (map) => {
        const size = { width: map.length, height: 1 };
        const { data } = heatMap(map, size, { colormap: 'inferno' });
        for (let i = 0; i < map.length; i++) {
          assert.ok(entries.has(data.slice(3 * i, 3 * i + 3).join()));
        }
      }),
    );
  });

  it('draws a constant map in the first colour', () => {
    const { data } = heatMap(Float32Array.of(4, 4), { width: 1, height: 2 });
    assert.deepEqual([...data], [0, 0, 128, 0, 0, 128]);
  });

  it('draws pixels without a value in grey', () => {
    const { data } = heatMap(Float32Array.of(NaN, 0, 1), { width: 3, height: 1 });
    assert.deepEqual([...data.slice(0, 3)], [128, 128, 128]);
    assert.deepEqual([...data.slice(3, 6)], [0, 0, 128]);
  });

  it('refuses a map of another size', () => {
    assert.throws(
      () => heatMap(new Float32Array(5), { width: 2, height: 2 }),
      /expected 2 x 2 = 4 values, found 5/,
    );
  });
});
