import assert from 'node:assert/strict';
import { loadSharp } from '../../src/lib/data/sharp';
import { loadTiles } from '../../src/lib/runs/train-tiles';
import { temporaryFolder } from '../data/temporary-folder';

describe('loadTiles', () => {
  const { path } = temporaryFolder();
  const size = { height: 32, width: 32 };
  let samples: { file: string }[];

  before(async () => {
    samples = [{ file: path('a.png') }, { file: path('b.png') }];
    // Each pixel says where it is: its column in red, its row in green, its picture in blue.
    for (const [picture, { file }] of samples.entries()) {
      const data = Uint8Array.from({ length: 80 * 56 * 3 }, (_, i) => {
        const pixel = Math.floor(i / 3);
        return [pixel % 80, Math.floor(pixel / 80), picture][i % 3];
      });
      await loadSharp()(data, { raw: { width: 80, height: 56, channels: 3 } }).toFile(file);
    }
  });

  /** Column, row and picture of each tile's upper left corner. */
  const corners = ({ count, data }: { count: number; data: Uint8Array }) =>
    Array.from({ length: count }, (_, i) => [...data.subarray(i * 32 * 32 * 3).slice(0, 3)]);
  const options = { size, overlap: 8, limit: 100, seed: 0 };
  const all = [0, 1].flatMap((picture) =>
    [0, 24].flatMap((row) => [0, 24, 48].map((column) => [column, row, picture])),
  );

  it('cuts all pictures at their own size', async () => {
    const tiles = await loadTiles(samples, options);
    assert.deepEqual(corners(tiles), all);
    assert.equal(tiles.region, undefined);
  });

  it('chooses some by the seed, in the order of all, where there are more than the limit', async () => {
    const some = corners(await loadTiles(samples, { ...options, limit: 5 }));
    assert.equal(some.length, 5);
    const text = (tiles: number[][]) => tiles.map((tile) => tile.join());
    assert.deepEqual(
      text(some),
      text(all).filter((tile) => text(some).includes(tile)),
    );
    assert.deepEqual(corners(await loadTiles(samples, { ...options, limit: 5 })), some);
    const other = corners(await loadTiles(samples, { ...options, limit: 5, seed: 1 }));
    assert.notDeepEqual(other, some);
  });

  it('leaves out tiles that show nothing of a region of interest, and says what of the others counts', async () => {
    // The last four columns.
    const runs = Array(56).fill('76 4').join(' ');
    const roi = { of: 'all', name: 'roi', sha256: '', width: 80, height: 56, runs } as const;
    const tiles = await loadTiles(samples, { ...options, roi });
    assert.deepEqual(
      corners(tiles),
      all.filter(([column]) => column === 48),
    );
    tiles.region!.forEach((value, i) => assert.equal(value, i % 32 >= 28 ? 1 : 0));
  });
});
