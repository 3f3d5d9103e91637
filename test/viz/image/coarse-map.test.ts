import assert from 'node:assert/strict';
import { coarseMap } from '../../../src/viz/image/coarse-map';
import { outlineOnSurface } from '../../../src/viz/image/outline-on-surface';

describe('coarseMap', () => {
  const map = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 0);

  it('keeps the highest value of each cell', () => {
    const { values, ...size } = coarseMap(map, { width: 4, height: 3 }, 2);
    assert.deepEqual([...values], [6, 8, 9, 2]);
    assert.deepEqual(size, { width: 2, height: 2, step: 2 });
  });

  it('keeps the map where it has no more pixels than there may be cells', () => {
    assert.deepEqual([...coarseMap(map, { width: 4, height: 3 }, 4).values], [...map]);
  });

  it('refuses a map of another size, and less than two cells', () => {
    assert.throws(() => coarseMap(map, { width: 4, height: 4 }, 2), /4 x 4 = 16 values, found 12/);
    assert.throws(() => coarseMap(map, { width: 4, height: 3 }, 1), /found 1/);
  });
});

describe('outlineOnSurface', () => {
  it('runs around the defect between the cells, as high as those that meet there', () => {
    const surface = coarseMap(Float32Array.of(5, 1, 0, 2, 1, 0), { width: 3, height: 2 }, 3);
    const mask = { width: 3, height: 2, data: Uint8Array.of(1, 0, 0, 0, 0, 0) };
    assert.deepEqual(outlineOnSurface(mask, surface), [
      [
        [0, 0, 5],
        [1, 0, 3],
      ],
      [
        [0, 1, 3.5],
        [1, 1, 2.25],
      ],
      [
        [0, 0, 5],
        [0, 1, 3.5],
      ],
      [
        [1, 0, 3],
        [1, 1, 2.25],
      ],
    ]);
  });

  it('follows the cells of a coarse surface', () => {
    const surface = coarseMap(new Float32Array(16), { width: 4, height: 4 }, 2);
    const data = Uint8Array.from({ length: 16 }, (_, i) => Number(i === 15));
    const points = outlineOnSurface({ width: 4, height: 4, data }, surface).flat();
    assert.deepEqual([...new Set(points.map(([x, y]) => `${x} ${y}`))].sort(), [
      '1 1',
      '1 2',
      '2 1',
      '2 2',
    ]);
  });

  it('is empty without a defect', () => {
    const surface = coarseMap(new Float32Array(4), { width: 2, height: 2 }, 2);
    assert.deepEqual(
      outlineOnSurface({ width: 2, height: 2, data: new Uint8Array(4) }, surface),
      [],
    );
  });
});
