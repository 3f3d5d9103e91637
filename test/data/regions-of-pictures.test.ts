import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { openFolders } from '../../src/lib/data/open-folders';
import { maskOfRegion, runsOf } from '../../src/lib/data/region-mask';
import { regionOfInterestSchema } from '../../src/lib/data/region-of-interest';
import { readSharedRegion, withRegions } from '../../src/lib/data/regions-of-pictures';
import type { Dataset } from '../../src/lib/data/sample';
import { loadSharp } from '../../src/lib/data/sharp';
import { temporaryFolder } from './temporary-folder';

const WIDTH = 12;
const HEIGHT = 8;

describe('regions of interest', () => {
  const { path } = temporaryFolder();
  let dataset: Dataset;

  /** A grey picture, white from the third column to the seventh where it is a mask. */
  const write = (name: string, isMask: boolean, width = WIDTH, height = HEIGHT) => {
    const file = path(name);
    fs.mkdirSync(file.slice(0, file.lastIndexOf('/')), { recursive: true });
    const data = Uint8Array.from({ length: width * height }, (_, i) =>
      isMask ? (i % width >= 2 && i % width < 7 ? 255 : 0) : (37 * i + name.length * 11) % 200,
    );
    return loadSharp()(data, { raw: { width, height, channels: 1 } }).toFile(file);
  };
  const json = (name: string, content: unknown) => {
    fs.writeFileSync(path(name), JSON.stringify(content));
    return path(name);
  };
  const columns = (data: Uint8Array) =>
    [...Array(WIDTH).keys()].filter((x) => data[x] === 1 && data[data.length - WIDTH + x] === 1);

  before(async () => {
    for (let i = 0; i < 5; i++) await write(`photos/good/${i}.png`, false);
    await write('photos/bad/hole/0.png', false);
    await write('roi.png', true);
    await write('small.png', true, 6, 8);
    for (let i = 0; i < 5; i++) await write(`each/good/${i}.png`, true);
    await write('each/hole/0_mask.png', true);
    await write('each/good/9.png', true);
    const opened = await openFolders({ good: path('photos/good'), bad: path('photos/bad') });
    ({ dataset } = opened);
  });

  it('are of sizes within the limits, before anything of that size is made', async () => {
    const region = await readSharedRegion(path('roi.png'));
    for (const [width, height] of [
      [1e6, 1],
      [40_000, 40_000],
    ]) {
      const file = json('huge.json', {
        width,
        height,
        polygons: [[...Array(3)].map(() => [0, 0])],
      });
      await assert.rejects(readSharedRegion(file), {
        name: 'ImageFileError',
        message: new RegExp(
          `huge\\.json: expected a size of at most .*, found ${width} x ${height}`,
        ),
      });
      assert.ok(!regionOfInterestSchema.safeParse({ ...region, width, height }).success);
    }
    assert.ok(regionOfInterestSchema.safeParse(region).success);
  });

  it('survive being written as runs', async () => {
    const region = await readSharedRegion(path('roi.png'));
    const mask = maskOfRegion(region);
    assert.deepEqual(columns(mask.data), [2, 3, 4, 5, 6]);
    assert.equal(runsOf(mask), region.runs);
    assert.throws(
      () => maskOfRegion({ ...region, width: WIDTH + 1 }),
      /region of interest roi\.png: expected runs of 13 x 8 = 104 pixels, found 96/,
    );
    for (const data of [
      [0, 0],
      [1, 1],
      [1, 0, 1],
      [0, 1],
    ]) {
      const some = { width: data.length, height: 1, data: Uint8Array.from(data) };
      const shared = { ...region, ...some, runs: runsOf(some) };
      assert.deepEqual([...maskOfRegion(shared).data], data);
    }
  });

  it('may be polygons, of labelme or of the lab', async () => {
    const corners = [
      [2, 0],
      [7, 0],
      [7, HEIGHT],
      [2, HEIGHT],
    ];
    const wanted = (await readSharedRegion(path('roi.png'))).runs;
    const plain = json('plain.json', { width: WIDTH, height: HEIGHT, polygons: [corners] });
    assert.equal((await readSharedRegion(plain)).runs, wanted);
    const shapes = [{ label: 'part', shape_type: 'polygon', points: corners }];
    const labelme = { imageWidth: WIDTH, imageHeight: HEIGHT, shapes };
    assert.equal((await readSharedRegion(json('labelme.json', labelme))).runs, wanted);
    await assert.rejects(
      readSharedRegion(json('unsized.json', { shapes })),
      /unsized\.json: expected "imageWidth" and "imageHeight", the size drawn on, found none/,
    );
    await assert.rejects(
      readSharedRegion(json('other.json', { a: 1 })),
      /or \{ "width", .*other JSON/,
    );
  });

  it('are refused where nothing is inside', async () => {
    const none = {
      width: WIDTH,
      height: HEIGHT,
      polygons: [
        [
          [0, 0],
          [0.2, 0],
          [0.2, 0.2],
        ],
      ],
    };
    await assert.rejects(
      withRegions(dataset, json('empty.json', none)),
      /empty\.json: expected a region of interest, found nothing inside: it is empty/,
    );
  });

  it('count for all pictures where there is one, which has their size', async () => {
    const { roi, train } = await withRegions(dataset, path('roi.png'));
    assert.equal(roi?.of, 'all');
    assert.ok(train.every(({ regionFile }) => regionFile === undefined));
    await assert.rejects(
      withRegions(dataset, path('small.png')),
      /expected pictures of the 6 x 8 pixels of their region of interest small\.png, found 6 of other sizes: good\/\d\.png \(12 x 8\)/,
    );
  });

  it('are found by the names of pictures where there is a folder of them', async () => {
    const own = await withRegions(dataset, path('each'));
    assert.equal(own.roi?.of, 'each');
    const all = [...own.train, ...own.heldOut!, ...own.test];
    for (const { file, regionFile } of all) {
      const wanted = file.replace('/photos/bad/', '/photos/').replace('/photos/', '/each/');
      assert.equal(regionFile?.replace('_mask', ''), wanted);
    }
    assert.match(
      own.warnings.join(),
      /1 region of interest without an image, not used: good\/9\.png/,
    );
    const opened = await openFolders({
      good: path('photos/good'),
      bad: path('photos/bad'),
      roi: path('each'),
    });
    assert.deepEqual(opened.dataset.roi, own.roi);
  });

  it('are named where a picture has none, or one of another size, or one of another picture', async () => {
    const without = path('without');
    fs.cpSync(path('each'), without, { recursive: true });
    fs.rmSync(`${without}/good/3.png`);
    await assert.rejects(
      withRegions(dataset, without),
      /without: expected regions of interest of 6 pictures, found none of good\/3\.png/,
    );
    await write('without/good/3.png', true, 6, 8);
    await assert.rejects(
      withRegions(dataset, without),
      /found 1 without: .*without\/good\/3\.png \(expected the 12 x 8 pixels of its image .*, found 6 x 8\)/,
    );
    for (let i = 0; i < 5; i++) await write(`flat/${i}.png`, true);
    await assert.rejects(
      withRegions(dataset, path('flat')),
      /flat\/0\.png: expected the region of one picture, found two of its name, .*good\/0\.png and .*hole\/0\.png/,
    );
    await assert.rejects(
      withRegions(dataset, path('nowhere')),
      /nowhere: expected a region .*found nothing/,
    );
  });
});
