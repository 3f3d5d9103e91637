import sharp from 'sharp';
import assert from 'node:assert/strict';
import { loadImages, loadRgb } from '../../src/lib/data/image';
import { checkMasks, loadMask, loadMasks } from '../../src/lib/data/mask';
import { fixture } from './fixture';
import { temporaryFolder } from './temporary-folder';

const files = ['picture.png', 'small.png', 'small-8.bmp', 'mask.png', 'small-24.bmp'].map(fixture);

describe('loadImages', () => {
  const { write } = temporaryFolder();

  it('puts the images one after the other, in the order of the samples', async () => {
    const samples = [...files, ...files, ...files].map((file) => ({ file }));
    const stack = await loadImages(samples, { size: { height: 8, width: 10 }, filter: 'lanczos3' });
    assert.deepEqual([stack.count, stack.height, stack.width], [15, 8, 10]);
    assert.equal(stack.data.length, 15 * 8 * 10 * 3);
    for (const [i, { file }] of samples.entries()) {
      const { data } = await loadRgb(file, { size: { height: 8, width: 10 }, filter: 'lanczos3' });
      assert.deepEqual(
        Buffer.from(stack.data.slice(i * 240, (i + 1) * 240)),
        Buffer.from(data),
        file,
      );
    }
  });

  it('counts its progress up to the last image', async () => {
    const seen: string[] = [];
    const onProgress = (done: number, total: number) => seen.push(`${done}/${total}`);
    await loadImages(
      files.map((file) => ({ file })),
      { size: { height: 3, width: 4 }, onProgress },
    );
    assert.deepEqual(seen, ['1/5', '2/5', '3/5', '4/5', '5/5']);
  });

  it('gives an empty stack for no samples', async () => {
    const stack = await loadImages([], { size: { height: 3, width: 4 } });
    assert.deepEqual(stack, { count: 0, height: 3, width: 4, data: new Uint8Array(0) });
  });

  it('names the file that cannot be used', async () => {
    const broken = write('broken.png', 'no image');
    const samples = [...files, broken, ...files].map((file) => ({ file }));
    await assert.rejects(loadImages(samples, { size: { height: 3, width: 4 } }), {
      name: 'ImageFileError',
      file: broken,
    });
  });

  it('stops when told to', async () => {
    const controller = new AbortController();
    const samples = Array.from({ length: 50 }, () => ({ file: files[0] }));
    let last = 0;
    const loading = loadImages(samples, {
      size: { height: 3, width: 4 },
      signal: controller.signal,
      onProgress: (done) => {
        last = done;
        if (done === 3) controller.abort(new Error('enough'));
      },
    });
    await assert.rejects(loading, /^Error: enough$/);
    assert.ok(last < 10, `went on to ${last}`);
  });

  it('refuses a size that is none', async () => {
    await assert.rejects(
      loadImages([], { size: { height: 4, width: 0 } }),
      /whole pixels, found \{ height: 4, width: 0 \}/,
    );
  });
});

describe('loadMasks', () => {
  const image = fixture('picture.png');
  const good = { file: image, label: 0, maskFile: null } as const;
  const masked = { file: image, label: 1, maskFile: fixture('mask.png') } as const;
  const bare = { file: image, label: 1, maskFile: null } as const;

  it('holds zeros for good images, and tells defect images without a mask', async () => {
    const stack = await loadMasks([good, masked, bare], { size: { height: 50, width: 80 } });
    assert.deepEqual([stack.count, stack.height, stack.width], [3, 50, 80]);
    assert.deepEqual([...stack.known], [1, 1, 0]);
    const { data } = await loadMask(fixture('mask-80x50.png'));
    assert.deepEqual([...stack.data.slice(4000, 8000)], [...data]);
    assert.ok(stack.data.slice(0, 4000).every((value) => value === 0));
    assert.ok(stack.data.slice(8000).every((value) => value === 0));
  });

  it('leaves out a mask that cannot be used, and no other', async () => {
    const wrong = { ...masked, maskFile: fixture('mask-80x50.png') };
    const stack = await loadMasks([good, wrong, masked], { size: { height: 50, width: 80 } });
    assert.deepEqual([...stack.known], [1, 0, 1]);
    assert.ok(stack.data.slice(4000, 8000).every((value) => value === 0));
    assert.ok(stack.data.slice(8000).includes(1));
  });
});

describe('checkMasks', () => {
  const { write } = temporaryFolder();
  const side = 32;
  const image = fixture('picture.png');

  it('names masks that mislead, by what is wrong with them, and says nothing of others', async () => {
    const picture = write('picture.png', await grey(() => 90));
    const spot = (x: number, y: number) => Math.hypot(x - 15, y - 15) < 6;
    const masks = {
      right: await grey((x, y) => (spot(x, y) ? 255 : 0)),
      inverted: await grey((x, y) => (spot(x, y) ? 0 : 255)),
      painted: await sharp(await grey(() => 255))
        .toColourspace('srgb')
        .png()
        .toBuffer(),
      smooth: await grey((x, y) => Math.max(0, 255 - 20 * Math.hypot(x - 15, y - 15))),
      empty: await grey(() => 0),
    };
    const samples = Object.entries(masks).map(([name, bytes]) => ({
      file: picture,
      label: 1 as const,
      maskFile: write(`${name}.png`, bytes),
    }));
    samples.push({ file: image, label: 1, maskFile: samples[0].maskFile });
    const { warnings, remarks } = await checkMasks(samples);
    const named = (kind: keyof typeof remarks) =>
      remarks[kind]?.map((file) => file.replace(/.*\/(\w+)\.png.*/, '$1'));
    assert.deepEqual(Object.keys(remarks).sort(), ['empty', 'grey', 'inverted', 'unusable']);
    assert.deepEqual(named('inverted'), ['inverted', 'painted']);
    assert.deepEqual(named('grey'), ['smooth']);
    assert.deepEqual(named('empty'), ['empty']);
    assert.match(remarks.unusable![0], /right\.png \(expected the 61 x 47 .*, found 32 x 32\)$/);
    assert.equal(warnings.length, 4);
    assert.match(warnings[1], /^2 masks that cover the border and most of the picture, .*painted/);
    const { known } = await loadMasks(samples, { size: { width: 16, height: 16 } });
    assert.deepEqual([...known], [1, 0, 0, 1, 0, 0]);
  });

  it('counts defects that are smaller than a pixel', async () => {
    const picture = write('picture.png', await grey(() => 90));
    const dots = await grey((x, y) => ((x === 3 || x === 17) && y === 7 ? 255 : 0));
    const samples = [{ file: picture, maskFile: write('dots.png', dots) }];
    const { warnings } = await checkMasks(samples, { size: { width: 8, height: 8 } });
    assert.match(warnings[0], /^2 defects are smaller than a pixel of 8 x 8 .*dots\.png$/);
    assert.deepEqual((await checkMasks(samples)).warnings, []);
  });

  function grey(value: (x: number, y: number) => number): Promise<Buffer> {
    const data = Uint8Array.from({ length: side * side }, (_, i) =>
      value(i % side, Math.floor(i / side)),
    );
    return sharp(data, { raw: { width: side, height: side, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toBuffer();
  }
});
