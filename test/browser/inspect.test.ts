import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { stfpm } from '../cli/run-stfpm';
import { writeTinyDataset } from '../cli/tiny-dataset';
import { temporaryFolder } from '../data/temporary-folder';
import { chromiumOrSkip } from './chromium';
import { inPage } from './in-page';
import { FOLDER } from './jupyter-lab';

/** A line of the page's CSV. */
interface Row {
  file: string;
  width: number;
  score: number;
  verdict: string;
  error: string;
}

describe('a detector in one page', function () {
  this.timeout(180_000);
  const folder = temporaryFolder();
  const requests: string[] = [];
  const problems: string[] = [];
  let browser: Browser;
  let page: Page;
  let data: string;

  async function open(file: string): Promise<Page> {
    const context = await browser.newContext({
      offline: true,
      acceptDownloads: true,
      viewport: { width: 1280, height: 900 },
    });
    const opened = await context.newPage();
    opened.on('request', (request) => requests.push(request.url()));
    opened.on('pageerror', (error) => problems.push(error.message));
    opened.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await opened.goto(pathToFileURL(file).href);
    await opened.locator('body.ready, body.broken').waitFor({ timeout: 120_000 });
    return opened;
  }

  const give = async (files: string[]) => {
    await page.locator('#files').setInputFiles(files);
    await page.locator('#count', { hasNotText: 'waiting' }).waitFor({ timeout: 120_000 });
  };
  const table = async (): Promise<Row[]> => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('#download').click(),
    ]);
    const text = readFileSync(await download.path(), 'utf8');
    const [head, ...lines] = text.trim().split('\n');
    assert.equal(head, 'file,width,height,score,threshold,verdict,error');
    return lines.map((line) => {
      const [file, width, , score, , verdict, error] = line.split(',');
      return { file, width: Number(width), score: Number(score), verdict, error };
    });
  };

  before(async function () {
    browser = await chromiumOrSkip(this, [
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
    ]);
    data = await writeTinyDataset(folder.path('data'));
    const trained = await stfpm([
      ...['train', '--data', data, '--category', 'dots', '--random-teacher', '--epochs', '3'],
      ...['--image-size', '64', '--batch-size', '2', '--out', folder.path('run')],
    ]);
    assert.equal(trained.code, 0, trained.stderr);
    const args = ['export', folder.path('run'), '--html', folder.path('inspect.html')];
    const written = await stfpm(args);
    assert.equal(written.code, 0, written.stderr);
    assert.match(written.stderr, /^Its weights are stored in 1[78] bits;/m);
    page = await open(folder.path('inspect.html'));
  });
  after(() => browser?.close());

  it('is below 20 MB, opens from disk, loads nothing else and has no error', async () => {
    assert.ok(statSync(folder.path('inspect.html')).size < 20e6);
    assert.equal(await page.locator('h1').innerText(), 'dots');
    const others = requests.filter((url) => !/^(data|blob):/.test(url));
    assert.equal(others.length, 1, others.join('\n'));
    assert.deepEqual(problems, []);
  });

  it('gives the scores and verdicts of the command line, also for pictures of other sizes', async () => {
    const spot = `${data}/dots/test/spot/0.png`;
    const wide = folder.path('wide.png');
    await sharp(spot).resize(201, 97, { fit: 'fill' }).toFile(wide);
    const bitmap = folder.path('small.webp');
    await sharp(spot).resize(50, 40, { fit: 'fill' }).webp({ lossless: true }).toFile(bitmap);
    const turned = folder.path('turned.jpg');
    // Of no detail, so that every decoder gives the same pixels; its note says: turn it.
    const halves = Buffer.alloc(96 * 48 * 3, 60).fill(200, 24 * 96 * 3);
    await sharp(halves, { raw: { width: 96, height: 48, channels: 3 } })
      .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
      .withMetadata({ orientation: 6 })
      .toFile(turned);
    const files = [spot, `${data}/dots/test/good/0.png`, wide, bitmap, turned];
    await give(files);
    const rows = await table();
    const { stdout, code, stderr } = await stfpm([
      'predict',
      folder.path('run'),
      ...files,
      '--json',
    ]);
    assert.equal(code, 0, stderr);
    const images = stdout
      .trim()
      .split('\n')
      .map(
        (line) =>
          JSON.parse(line) as { type: string; file: string; score: number; verdict: string },
      )
      .filter(({ type }) => type === 'image');
    assert.equal(rows.length, images.length);
    rows.forEach(({ file, score, verdict }, i) => {
      assert.equal(file, path.basename(images[i].file));
      const relative = Math.abs(score / images[i].score - 1);
      assert.ok(relative < 1e-4, `${file}: ${score}, ${images[i].score}`);
      assert.equal(verdict, images[i].verdict);
    });
    assert.equal(rows[4].width, 48);
    const verdicts = rows.map(({ verdict }) => verdict);
    assert.ok(verdicts.includes('defect'), verdicts.join());
    assert.deepEqual(problems, []);
  });

  it('shows what it found: the map over the picture, and the contour where it is above the threshold', async () => {
    const defect = page.locator('.card[data-verdict=defect]').first();
    assert.match(`${await defect.locator('.contour path').first().getAttribute('d')}`, /^M\d/);
    assert.match(`${await defect.locator('.view').getAttribute('aria-label')}`, /% of it above/);
    const coloured = await defect.locator('canvas.map').evaluate(
      inPage<number>(
        'canvas',
        `const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
         return data.filter((value, i) => i % 4 === 3 && value > 100).length;`,
      ),
    );
    assert.ok(coloured > 0 && coloured < 64 * 64);
    await page.locator('#show-map').uncheck();
    assert.ok(await defect.locator('canvas.map').isHidden());
    await page.locator('#show-map').check();
    await page.screenshot({ path: path.join(FOLDER, 'inspect.png') });
  });

  it('moves the threshold by the keyboard, and takes it back', async () => {
    const before = await page.locator('#count').innerText();
    await page.locator('#slider').focus();
    await page.keyboard.press('Home');
    await page.locator('#count', { hasText: '0 good' }).waitFor();
    await page.keyboard.press('End');
    await page.locator('#count', { hasText: '0 defective' }).waitFor();
    await page.locator('#reset').click();
    assert.equal(await page.locator('#count').innerText(), before);
    await page.locator('#threshold').fill('');
    await page.locator('#threshold').blur();
    // Without a threshold nothing is good.
    assert.match(await page.locator('#count').innerText(), /0 good, 0 defective/);
    await page.locator('#reset').click();
  });

  it('calls nothing good that it cannot read, and says why', async () => {
    await page.locator('#clear').click();
    const whole = readFileSync(`${data}/dots/test/good/0.png`);
    const jpeg = await sharp(whole).resize(300, 300).jpeg().toBuffer();
    const damaged = Buffer.from(whole);
    damaged[Math.floor(whole.length / 2)] ^= 1;
    const deep = Buffer.from(new Uint16Array(64 * 64 * 3).fill(1000).buffer);
    const clear = Buffer.alloc(64 * 64 * 4, 100);
    const faults: Record<string, [Buffer, RegExp]> = {
      'cut.png': [whole.subarray(0, -20), /truncated or damaged/i],
      'damaged.png': [damaged, /truncated or damaged/i],
      'cut.jpg': [jpeg.subarray(0, jpeg.length >> 1), /truncated or damaged/i],
      'notes.png': [Buffer.from('some notes'), /found something else/i],
      'empty.png': [Buffer.alloc(0), /an empty file/i],
      'picture.tif': [await sharp(whole).tiff().toBuffer(), /a TIFF/i],
      'deep.png': [
        await sharp(deep, { raw: { width: 64, height: 64, channels: 3 } })
          .toColourspace('rgb16')
          .png()
          .toBuffer(),
        /16 bits/i,
      ],
      'clear.png': [
        await sharp(clear, { raw: { width: 64, height: 64, channels: 4 } })
          .png()
          .toBuffer(),
        /transparent/i,
      ],
      'cmyk.jpg': [await sharp(whole).toColourspace('cmyk').jpeg().toBuffer(), /CMYK/i],
    };
    const names = Object.keys(faults);
    for (const name of names) writeFileSync(folder.path(name), faults[name][0]);
    await give(names.map((name) => folder.path(name)));
    const rows = await table();
    assert.deepEqual(
      rows.map(({ file, verdict, score }) => [file, verdict, score]),
      names.map((name) => [name, 'not judged', 0]),
    );
    for (const name of names) {
      const card = page.locator('.card', { has: page.locator('h3', { hasText: name }) });
      assert.match(await card.innerText(), faults[name][1]);
    }
    assert.match(await page.locator('#count').innerText(), /: 0 good, 0 defective, 9 not judged$/);
  });

  it('judges what the camera shows', async () => {
    await page.locator('#clear').click();
    await page.locator('#camera').click();
    await page.locator('#viewfinder').waitFor();
    assert.equal(await page.locator('#camera-error').innerText(), '');
    await page.locator('#shoot').press('Enter');
    await page.locator('#count', { hasText: /^1 picture: \d good, \d defective$/ }).waitFor();
    await page.locator('#camera').click();
    await page.locator('#viewfinder').waitFor({ state: 'hidden' });
    assert.equal((await table())[0].file, 'camera 1');
  });

  it('is reached by Tab in the order of the page, and fits a narrow screen', async () => {
    await page.locator('#files').focus();
    const reached: string[] = [];
    for (let i = 0; i < 6; i++) {
      await page.keyboard.press('Tab');
      reached.push(
        await page.locator(':focus').evaluate(inPage<string>('element', 'return element.id;')),
      );
    }
    assert.deepEqual(reached, [
      'camera',
      'slider',
      'threshold',
      'show-map',
      'show-contour',
      'download',
    ]);
    await page.setViewportSize({ width: 390, height: 844 });
    const width = await page
      .locator('html')
      .evaluate(inPage<number>('element', 'return element.scrollWidth;'));
    assert.ok(width <= 390, `${width} pixels wide`);
    assert.deepEqual(problems, []);
  });

  for (const [name, options] of [
    ['padded', ['--image-size', '64', '--fit', 'pad']],
    ['cropped', ['--image-size', '64x32', '--fit', 'crop']],
    ['tiled, within a region', ['--tile', '32', '--overlap', '8', '--roi', 'region.json']],
  ] as const) {
    it(`gives the scores of the command line where pictures are ${name}`, async () => {
      const region = {
        width: 64,
        height: 64,
        polygons: [
          [
            [8, 8],
            [60, 8],
            [60, 40],
          ],
        ],
      };
      writeFileSync(folder.path('region.json'), JSON.stringify(region));
      const run = folder.path(name);
      const paths = options.map((option) => (/json/.test(option) ? folder.path(option) : option));
      const trained = await stfpm([
        ...['train', '--data', data, '--category', 'dots', '--random-teacher', '--epochs', '1'],
        ...[...paths, '--batch-size', '2', '--out', run],
      ]);
      assert.equal(trained.code, 0, trained.stderr);
      const html = folder.path(`${name}.html`);
      assert.equal((await stfpm(['export', run, '--html', html])).code, 0);
      const before = page;
      page = await open(html);
      const tall = folder.path('tall.png');
      await sharp(`${data}/dots/test/spot/0.png`).resize(64, 90, { fit: 'fill' }).toFile(tall);
      const files = [...['spot/0', 'good/0'].map((of) => `${data}/dots/test/${of}.png`), tall];
      await give(files);
      const rows = await table();
      const { stdout } = await stfpm(['predict', run, ...files, '--json']);
      const images = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { type: string; score?: number; verdict: string })
        .filter(({ type }) => type === 'image');
      assert.deepEqual(
        rows.map(({ verdict }) => verdict),
        images.map(({ verdict }) => verdict),
      );
      images.forEach(({ score }, i) => {
        if (score !== undefined) assert.ok(Math.abs(rows[i].score - score) <= 1e-4 * score);
      });
      const cards = page.locator('.card');
      const texts = await cards.allInnerTexts();
      assert.equal(texts.length, 3);
      // The last picture comes first: too tall for the region, and for the crop.
      assert.match(
        texts[0],
        { padded: /Score/, cropped: /6\d % of the picture was not looked at/ }[name as string] ??
          /Expected the 64 x 64 pixels of its region of interest region\.json, found 64 x 90\.$/,
      );
      assert.deepEqual(problems, []);
      await page.context().close();
      page = before;
    });
  }

  it('does not start, and judges nothing, where the page was changed', async () => {
    const text = readFileSync(folder.path('inspect.html'), 'latin1');
    const at = text.indexOf('id="model">') + 5_000_000;
    const other = text[at] === 'a' ? 'b' : 'a';
    writeFileSync(
      folder.path('changed.html'),
      text.slice(0, at) + other + text.slice(at + 1),
      'latin1',
    );
    const broken = await open(folder.path('changed.html'));
    assert.match(await broken.locator('#status').innerText(), /could not be started.*No picture/);
    assert.ok(await broken.locator('#files').isDisabled());
    await broken.context().close();
  });
});
