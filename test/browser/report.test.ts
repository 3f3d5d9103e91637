import assert from 'node:assert/strict';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { stfpm } from '../cli/run-stfpm';
import { writeTinyDataset } from '../cli/tiny-dataset';
import { temporaryFolder } from '../data/temporary-folder';
import { chromiumOrSkip } from './chromium';
import { inPage } from './in-page';
import { FOLDER } from './jupyter-lab';

describe('the report in a browser', () => {
  const folder = temporaryFolder();
  const requests: string[] = [];
  const problems: string[] = [];
  let browser: Browser;
  let page: Page;

  before(async function () {
    browser = await chromiumOrSkip(this);
    const data = await writeTinyDataset(folder.path('data'));
    const trained = await stfpm([
      ...['train', '--data', data, '--category', 'dots', '--random-teacher', '--epochs', '2'],
      ...['--image-size', '64', '--batch-size', '2', '--out', folder.path('run')],
    ]);
    assert.equal(trained.code, 0, trained.stderr);
    const file = folder.path('report.html');
    const written = await stfpm(['report', folder.path('run'), '--out', file]);
    assert.equal(written.code, 0, written.stderr);
    const context = await browser.newContext({
      offline: true,
      viewport: { width: 1280, height: 900 },
    });
    page = await context.newPage();
    page.on('request', (request) => requests.push(request.url()));
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await page.goto(pathToFileURL(file).href);
  });
  after(() => browser?.close());

  it('opens from disk, loads nothing else and has no error', async () => {
    assert.equal(await page.locator('h1').innerText(), 'dots');
    assert.ok((await page.locator('table').count()) >= 2);
    const others = requests.filter((url) => !/^(data|blob):/.test(url));
    assert.equal(others.length, 1, others.join('\n'));
    assert.deepEqual(problems, []);
  });

  it('sorts the test images by score, and shows the good ones alone', async () => {
    const scores = async (): Promise<number[]> =>
      (await page.locator('#images .score').allTextContents()).map(Number);
    await page.locator('#sort').selectOption('name');
    const byName = await scores();
    await page.locator('#sort').selectOption('score-0');
    const byScore = await scores();
    assert.equal(byScore.length, 6);
    assert.notDeepEqual(byName, byScore);
    assert.deepEqual(
      byScore,
      [...byName].sort((first, second) => second - first),
    );
    await page.locator('#filter').selectOption('good');
    assert.match(await page.locator('body').innerText(), /\b2 images/);
    await page.locator('#filter').selectOption('all');
  });

  it('opens a map to zoom into, drawn by Plotly, and closes it again', async () => {
    await page.locator('#images button').first().click();
    const plot = page.locator('dialog[open] .js-plotly-plot .main-svg').first();
    await plot.waitFor();
    await page
      .locator('dialog[open] .js-plotly-plot image, dialog[open] .js-plotly-plot canvas')
      .first()
      .waitFor({ state: 'attached' });
    await page.screenshot({ path: path.join(FOLDER, 'report.png') });
    await page.keyboard.press('Escape');
    await page.locator('dialog[open]').waitFor({ state: 'detached' });
    assert.deepEqual(problems, []);
  });

  it('fits a narrow screen', async () => {
    await page.setViewportSize({ width: 400, height: 800 });
    const width = await page
      .locator('html')
      .evaluate(inPage<number>('element', 'return element.scrollWidth;'));
    assert.ok(width <= 400, `${width} pixels wide`);
  });
});
