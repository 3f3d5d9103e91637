import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { loadAugmented } from '../../src/lib/data/augment';

describe('loadAugmented', () => {
  let folder: string;
  const files: { file: string }[] = [];

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'stfpm-augment-'));
    // Red rises to the right and green downwards; blue tells the files apart.
    for (const blue of [50, 200]) {
      const pixels = Uint8Array.from({ length: 40 * 40 * 3 }, (_, i) => {
        const [x, y] = [Math.floor(i / 3) % 40, Math.floor(i / 120)];
        return [6 * x, 6 * y, blue][i % 3];
      });
      const file = path.join(folder, `${blue}.png`);
      await sharp(pixels, { raw: { width: 40, height: 40, channels: 3 } })
        .png()
        .toFile(file);
      files.push({ file });
    }
  });

  after(() => rmSync(folder, { recursive: true }));

  const load = (count: number, seed: number) =>
    loadAugmented(files, count, seed, { size: [20, 20] });

  it('makes as many pictures as asked for, files taking turns, by the seed alone', async () => {
    const stack = await load(9, 3);
    assert.deepEqual([stack.count, stack.width, stack.height], [9, 20, 20]);
    const blues = Array.from({ length: 9 }, (_, i) => stack.data[i * 1200 + 2]);
    assert.deepEqual(blues, [50, 200, 50, 200, 50, 200, 50, 200, 50]);
    assert.deepEqual((await load(9, 3)).data, stack.data);
    assert.notDeepEqual((await load(9, 4)).data, stack.data);
    // A longer set begins with the shorter one.
    assert.deepEqual((await load(4, 3)).data, stack.data.slice(0, 4 * 1200));
  });

  it('turns and flips in all eight ways, and crops from 0.6 of the side up', async () => {
    const count = 100;
    const { data } = await load(count, 0);
    const ways = new Set<string>();
    for (let i = 0; i < count; i++) {
      const at = (x: number, y: number, channel: number) =>
        data[i * 1200 + (y * 20 + x) * 3 + channel];
      const slope = (channel: number) => [
        at(15, 10, channel) - at(5, 10, channel),
        at(10, 15, channel) - at(10, 5, channel),
      ];
      const [red, green] = [slope(0), slope(1)];
      // Each colour changes along one axis and not along the other.
      assert.equal(red.filter((value) => Math.abs(value) <= 1).length, 1);
      assert.equal(green.filter((value) => Math.abs(value) <= 1).length, 1);
      ways.add(
        [...red, ...green].map((value) => (Math.abs(value) <= 1 ? 0 : Math.sign(value))).join(),
      );
      // Ten pixels of the whole image are 120 of red; of a crop less.
      const steepest = Math.max(...red.map(Math.abs));
      assert.ok(steepest >= 0.59 * 120 && steepest <= 121, `slope ${steepest}`);
    }
    assert.equal(ways.size, 8);
  });

  it('stops when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await assert.rejects(loadAugmented(files, 4, 0, { size: [20, 20], signal }), /enough/);
  });
});
