import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { loadAugmented } from '../../src/lib/data/augment';
import type { ImageSize } from '../../src/lib/metrics/scores';
import { loadImages } from '../../src/lib/data/image';

const SIZE = { height: 16, width: 20 };
/** Bytes of an image of that size. */
const LENGTH = 16 * 20 * 3;

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

  const load = (count: number, seed: number) => loadAugmented(files, count, seed, { size: SIZE });

  it('makes as many pictures as asked for, files taking turns, by the seed alone', async () => {
    const stack = await load(9, 3);
    assert.deepEqual([stack.count, stack.height, stack.width], [9, 16, 20]);
    const blues = Array.from({ length: 9 }, (_, i) => stack.data[i * LENGTH + 2]);
    assert.deepEqual(blues, [50, 200, 50, 200, 50, 200, 50, 200, 50]);
    assert.deepEqual((await load(9, 3)).data, stack.data);
    assert.notDeepEqual((await load(9, 4)).data, stack.data);
    // A longer set begins with the shorter one.
    assert.deepEqual((await load(4, 3)).data, stack.data.slice(0, 4 * LENGTH));
  });

  it('turns and flips in all eight ways, and crops from 0.6 of the side up', async () => {
    const count = 100;
    const { data } = await load(count, 0);
    const ways = new Set<string>();
    for (let i = 0; i < count; i++) {
      const at = (x: number, y: number, channel: number) =>
        data[i * LENGTH + (y * 20 + x) * 3 + channel];
      const slope = (channel: number) => [
        at(15, 8, channel) - at(5, 8, channel),
        at(10, 12, channel) - at(10, 4, channel),
      ];
      const [red, green] = [slope(0), slope(1)];
      // Each colour changes along one axis and not along the other.
      assert.equal(red.filter((value) => Math.abs(value) <= 1).length, 1);
      assert.equal(green.filter((value) => Math.abs(value) <= 1).length, 1);
      ways.add(
        [...red, ...green].map((value) => (Math.abs(value) <= 1 ? 0 : Math.sign(value))).join(),
      );
      // Half of the whole image is 120 of red; of a crop less.
      const steepest = Math.max(...red.map(Math.abs));
      assert.ok(steepest >= 0.59 * 120 && steepest <= 121, `slope ${steepest}`);
    }
    assert.equal(ways.size, 8);
  });

  /** A file of grey pixels. */
  async function greyFile(name: string, width: number, height: number, values: number[]) {
    const file = path.join(folder, name);
    const pixels = Uint8Array.from(values.flatMap((value) => [value, value, value]));
    await sharp(pixels, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(file);
    return [{ file }];
  }

  it('turns and flips exactly, and reaches every corner with its crops', async () => {
    // A crop of two pixels by two is either all of it, which no resizing changes, or one pixel.
    const [a, b, c, d] = [10, 60, 130, 240];
    const corner = await greyFile('corner.png', 2, 2, [a, b, c, d]);
    const count = 200;
    const { data } = await loadAugmented(corner, count, 0, { size: { height: 2, width: 2 } });
    const seen = new Set(
      Array.from({ length: count }, (_, i) => [0, 3, 6, 9].map((k) => data[i * 12 + k]).join()),
    );
    const wholes = [
      [a, b, c, d],
      [b, d, a, c],
      [d, c, b, a],
      [c, a, d, b],
      [b, a, d, c],
      [d, b, c, a],
      [c, d, a, b],
      [a, c, b, d],
    ];
    const single = [a, b, c, d].map((value) => [value, value, value, value]);
    assert.deepEqual([...seen].sort(), [...wholes, ...single].map((view) => view.join()).sort());
  });

  it('keeps every pixel of images that are no squares, upright or lying', async () => {
    // The whole of 3 x 2 pixels, or a crop of 2 x 1, or one of 2 x 2.
    const pixels = [10, 50, 90, 130, 170, 210];
    const wide = await greyFile('wide.png', 3, 2, pixels);
    const upright = async (size: ImageSize) => {
      const length = size.height * size.width * 3;
      const { data } = await loadAugmented(wide, 100, 1, { size });
      return new Set(
        Array.from({ length: 100 }, (_, i) =>
          [...data.slice(i * length, (i + 1) * length)].filter((_, k) => k % 3 === 0).join(),
        ),
      );
    };
    const lying = await upright({ height: 2, width: 3 });
    for (const view of ['10,50,90,130,170,210', '90,50,10,210,170,130', '210,170,130,90,50,10']) {
      assert.ok(lying.has(view), view);
    }
    const standing = await upright({ height: 3, width: 2 });
    for (const view of ['90,210,50,170,10,130', '130,10,170,50,210,90', '10,130,50,170,90,210']) {
      assert.ok(standing.has(view), view);
    }
  });

  it('crops at the full resolution: fine detail that resizing the image loses is kept', async () => {
    const stripes = Array.from({ length: 80 * 80 }, (_, i) => (i % 2 === 0 ? 0 : 255));
    const striped = await greyFile('stripes.png', 80, 80, stripes);
    const size = { height: 40, width: 40 };
    const contrast = (data: Uint8Array) => Math.max(...data) - Math.min(...data);
    const resized = contrast((await loadImages(striped, { size })).data);
    const copies = contrast((await loadAugmented(striped, 12, 0, { size })).data);
    assert.ok(copies > 2 * resized, `contrast ${copies}, of the resized image ${resized}`);
  });

  it('tells how far it is, and names a file that it cannot read', async () => {
    const told: string[] = [];
    const onProgress = (done: number, total: number) => told.push(`${done}/${total}`);
    await loadAugmented(files, 5, 0, { size: SIZE, onProgress });
    assert.deepEqual(told, ['1/5', '2/5', '3/5', '4/5', '5/5']);
    const missing = [{ file: path.join(folder, 'missing.png') }];
    await assert.rejects(loadAugmented(missing, 1, 0, { size: SIZE }), /missing\.png/);
  });

  it('stops when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await assert.rejects(loadAugmented(files, 4, 0, { size: SIZE, signal }), /enough/);
  });
});
