import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { loadImages } from '../../../src/lib/data/image';
import { loadMasks } from '../../../src/lib/data/mask';
import { listMvtecCategories, readMvtecCategory } from '../../../src/lib/data/mvtec';
import { renderSynthetic } from '../../../src/lib/data/synthetic/render-synthetic';
import { writeSyntheticDataset } from '../../../src/lib/data/synthetic/write-synthetic-dataset';
import { temporaryFolder } from '../temporary-folder';

const SMALL = { seed: 5, size: 16, trainCount: 3, testGoodCount: 2, testPerDefect: 2 };
const FEW = { ...SMALL, categories: ['bottle'], trainCount: 1, testGoodCount: 0, testPerDefect: 1 };
const TOTAL = 3 + 2 + 3 * 2 + (3 + 2 + 5 * 2);

/** Every file below a folder with its content, by name. */
function content(folder: string, inside = ''): Map<string, string> {
  const files = new Map<string, string>();
  for (const name of readdirSync(join(folder, inside)).sort()) {
    const path = join(inside, name);
    if (statSync(join(folder, path)).isDirectory()) {
      for (const [file, bytes] of content(folder, path)) files.set(file, bytes);
    } else files.set(path, readFileSync(join(folder, path)).toString('base64'));
  }
  return files;
}

describe('writeSyntheticDataset', () => {
  const { path, write } = temporaryFolder();

  before(async () => {
    await writeSyntheticDataset(path('whole'), SMALL);
  });

  it('writes a complete data set that is read without a warning', async () => {
    assert.deepEqual(listMvtecCategories(path('whole')), ['bottle', 'leather']);
    for (const [category, types] of [
      ['bottle', 3],
      ['leather', 5],
    ] as const) {
      const { train, test, warnings } = readMvtecCategory(path('whole'), category, {
        strict: true,
      });
      assert.deepEqual([train.length, test.length, warnings], [3, 2 + 2 * types, []]);
      const { width, height } = await loadImages(train, { size: { height: 16, width: 16 } });
      assert.deepEqual([width, height], [16, 16]);
      const masks = await loadMasks(test, { size: { height: 16, width: 16 } });
      // In pictures as small as these a defect may cover no pixel.
      for (const [i, { maskFile }] of test.entries()) {
        if (masks.known[i] === 1) continue;
        const { channels } = await sharp(maskFile!).stats();
        assert.equal(channels[0].max, 0, maskFile!);
      }
      assert.ok(masks.known.filter((known) => known === 1).length > test.length / 2);
    }
  });

  it('stores the pictures as they are rendered', async () => {
    const { test } = readMvtecCategory(path('whole'), 'bottle');
    const at = test.findIndex(({ file }) => file.endsWith(join('broken_large', '001.png')));
    const images = await loadImages([test[at]], { size: { height: 16, width: 16 } });
    const masks = await loadMasks([test[at]], { size: { height: 16, width: 16 } });
    const { image, mask } = renderSynthetic({
      category: 'bottle',
      split: 'test',
      defect: 'broken_large',
      index: 1,
      seed: 5,
      size: 16,
    });
    assert.deepEqual(Buffer.from(images.data), Buffer.from(image.data));
    assert.deepEqual(Buffer.from(masks.data), Buffer.from(mask.data));
  });

  it('says what it is, and under which licence', () => {
    assert.match(
      readFileSync(path('whole/README.txt'), 'utf8'),
      /Synthetic[^]*none is part of MVTec AD/,
    );
    assert.match(readFileSync(path('whole/LICENSE.txt'), 'utf8'), /CC0 1\.0/);
  });

  it('writes the same bytes for the same seed, category by category or at once', async () => {
    await writeSyntheticDataset(path('parts'), { ...SMALL, categories: ['leather'] });
    await writeSyntheticDataset(path('parts'), { ...SMALL, categories: ['bottle'] });
    assert.deepEqual(content(path('parts')), content(path('whole')));
  });

  it('keeps what is finished and renders only what is missing', async () => {
    await writeSyntheticDataset(path('resumed'), SMALL);
    rmSync(path('resumed/bottle/test/contamination/000.png'));
    rmSync(path('resumed/leather/train/good/002.png'));
    const seen: number[] = [];
    const result = await writeSyntheticDataset(path('resumed'), {
      ...SMALL,
      onProgress: (done, total) => seen.push(done, total),
    });
    assert.deepEqual(result, { written: 2, kept: TOTAL - 2 });
    assert.deepEqual(seen.slice(-2), [TOTAL, TOTAL]);
    assert.deepEqual(content(path('resumed')), content(path('whole')));
  });

  it('stops when told to, and goes on later', async () => {
    const controller = new AbortController();
    const stopped = writeSyntheticDataset(path('stopped'), {
      ...SMALL,
      signal: controller.signal,
      onProgress: (done) => done === 4 && controller.abort(new Error('enough')),
    });
    await assert.rejects(stopped, /^Error: enough$/);
    const result = await writeSyntheticDataset(path('stopped'), SMALL);
    assert.deepEqual(result, { written: TOTAL - 4, kept: 4 });
    assert.deepEqual(content(path('stopped')), content(path('whole')));
  });

  it('goes on wherever it was killed', async () => {
    await writeSyntheticDataset(path('bottle'), FEW);
    const manifest = readFileSync(path('bottle/synthetic.json'), 'utf8');
    const readme = readFileSync(path('bottle/README.txt'), 'utf8');
    // A number that no process has.
    const gone = 2 ** 22;
    const states: Record<string, string>[] = [
      { [`.synthetic.json.${gone}-0123abcd.tmp`]: manifest.slice(0, 20) },
      { 'synthetic.json': manifest },
      { 'synthetic.json': manifest, [`.README.txt.${gone}-0123abcd.tmp`]: readme.slice(0, 20) },
      { 'synthetic.json': manifest, 'README.txt': readme },
      { 'synthetic.json': manifest, [`bottle/train/good/.000.png.${gone}-0123abcd.tmp`]: 'half' },
      {
        'synthetic.json': manifest,
        [`bottle/ground_truth/broken_large/.000_mask.png.${gone}-0123abcd.tmp`]: 'half',
      },
    ];
    for (const [i, files] of states.entries()) {
      for (const [name, text] of Object.entries(files)) write(join(`killed-${i}`, name), text);
      await writeSyntheticDataset(path(`killed-${i}`), FEW);
      assert.deepEqual(content(path(`killed-${i}`)), content(path('bottle')), `state ${i}`);
    }
  });

  it('goes on where it failed to write the README', async () => {
    const script = `
      const { writeSyntheticDataset } = require('./src/lib/data/synthetic/write-synthetic-dataset');
      writeSyntheticDataset(${JSON.stringify(path('limited'))}, ${JSON.stringify(FEW)});`;
    // No file beyond 512 bytes can be written: the README is longer, the manifest is not.
    const command = 'ulimit -f 1; exec "$0" -r ./test/register.cjs -e "$1"';
    const { stderr } = spawnSync('sh', ['-c', command, process.execPath, script], {
      cwd: join(__dirname, '..', '..', '..'),
      env: { ...process.env, TSX_DISABLE_CACHE: '1' },
      encoding: 'utf8',
    });
    assert.match(stderr, /EFBIG/);
    assert.deepEqual(await writeSyntheticDataset(path('limited'), FEW), { written: 4, kept: 0 });
  });

  it('leaves alone what a process that is still running writes', async () => {
    const part = write(`shared/bottle/train/good/.000.png.${process.ppid}-0123abcd.tmp`, 'half');
    write('shared/synthetic.json', readFileSync(path('bottle/synthetic.json'), 'utf8'));
    await writeSyntheticDataset(path('shared'), FEW);
    assert.equal(readFileSync(part, 'utf8'), 'half');
  });

  it('takes settings in any order', async () => {
    await writeSyntheticDataset(path('order'), FEW);
    const manifest = path('order/synthetic.json');
    const settings = Object.entries(JSON.parse(readFileSync(manifest, 'utf8')));
    writeFileSync(manifest, JSON.stringify(Object.fromEntries(settings.reverse())));
    assert.deepEqual(await writeSyntheticDataset(path('order'), FEW), { written: 0, kept: 4 });
  });

  it('refuses a folder whose settings cannot be read', async () => {
    for (const [i, text] of ['', '{', 'null', '7'].entries()) {
      write(`unreadable-${i}/synthetic.json`, text);
      await assert.rejects(writeSyntheticDataset(path(`unreadable-${i}`), SMALL), {
        name: 'DatasetError',
      });
    }
  });

  it('renders anew what an older renderer drew', async () => {
    await writeSyntheticDataset(path('old'), { ...SMALL, categories: ['bottle'] });
    const manifest = path('old/synthetic.json');
    const settings = JSON.parse(readFileSync(manifest, 'utf8'));
    writeFileSync(manifest, JSON.stringify({ ...settings, renderer: 0 }));
    write('old/bottle/train/good/000.png', 'drawn otherwise');
    await writeSyntheticDataset(path('old'), SMALL);
    assert.deepEqual(content(path('old')), content(path('whole')));
  });

  it('refuses a folder with anything else in it, and leaves it as it was', async () => {
    write('real/bottle/train/good/000.png', 'a photograph');
    await assert.rejects(writeSyntheticDataset(path('real'), SMALL), {
      name: 'DatasetError',
      message:
        `${path('real')}: expected a new or empty folder, or synthetic images made with ` +
        '{"seed":5,"size":16,"trainCount":3,"testGoodCount":2,"testPerDefect":2}, ' +
        'found 1 folder (bottle)',
    });
    assert.deepEqual(
      [...content(path('real')).keys()],
      [join('bottle', 'train', 'good', '000.png')],
    );
    const file = write('some-file', '');
    await assert.rejects(writeSyntheticDataset(file, SMALL), /found a file$/);
  });

  it('refuses a folder of synthetic images made with other settings', async () => {
    for (const other of [{ seed: 6 }, { size: 17 }, { testPerDefect: 1 }]) {
      await assert.rejects(
        writeSyntheticDataset(path('whole'), { ...SMALL, ...other }),
        /whole: expected .* found synthetic images made with \{"seed":5,"size":16,/,
      );
    }
  });

  it('renders bottle and leather where no category is named, and others when asked', async () => {
    const none = { ...SMALL, size: 8, trainCount: 1, testGoodCount: 0, testPerDefect: 0 };
    await writeSyntheticDataset(path('default'), none);
    assert.deepEqual(listMvtecCategories(path('default')), ['bottle', 'leather']);
    await writeSyntheticDataset(path('hard'), { ...none, categories: ['gear', 'almond'] });
    assert.deepEqual(listMvtecCategories(path('hard')), ['almond', 'gear']);
  });

  it('takes an empty folder', async () => {
    mkdirSync(path('empty'));
    assert.deepEqual(await writeSyntheticDataset(path('empty'), FEW), { written: 4, kept: 0 });
  });

  it('refuses settings that are none before it writes anything', async () => {
    const wrong = [
      { categories: ['cable'] },
      { size: 0 },
      { trainCount: -1 },
      { testPerDefect: 0.5 },
    ];
    for (const part of wrong) {
      await assert.rejects(writeSyntheticDataset(path('never'), { ...SMALL, ...part }), RangeError);
    }
    assert.throws(() => readdirSync(path('never')), /ENOENT/);
  });
});
