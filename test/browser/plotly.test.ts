import assert from 'node:assert/strict';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { chromiumOrSkip } from './chromium';
import { FOLDER, JupyterLab } from './jupyter-lab';
import { NotebookPage } from './notebook-page';
import { writeNotebook } from './write-notebook';

const CELLS = [
  `import * as viz from './src/viz/index';
const side = 64;
const pixels = (value: (x: number, y: number) => number) =>
  Float32Array.from({ length: side * side }, (_, i) => value(i % side, Math.floor(i / side)));
const viewed = {
  image: { width: side, height: side, data: Uint8Array.from({ length: 3 * side * side }, (_, i) => i % 251) },
  mask: { width: side, height: side, data: Uint8Array.from(pixels((x, y) => Number(Math.hypot(x - 20, y - 30) < 8))) },
  levels: [pixels((x) => x), pixels((_, y) => y), pixels((x, y) => x * y)],
  product: pixels((x, y) => Math.exp(-((x - 20) ** 2 + (y - 30) ** 2) / 60)),
};
await viz.mapView(viewed);`,
  `await viz.surfaceView(viewed, { size: 480 });`,
];

describe('Plotly in JupyterLab in a browser', function () {
  this.timeout(240_000);
  let browser: Browser;
  let lab: JupyterLab;
  let notebook: NotebookPage;

  before(async function () {
    browser = await chromiumOrSkip(this);
    const file = path.join(FOLDER, 'plotly.ipynb');
    writeNotebook(file, CELLS);
    lab = await JupyterLab.start();
    notebook = await NotebookPage.open(browser, lab, file);
    await notebook.toStart();
  });
  after(async () => {
    await browser?.close();
    await lab?.stop();
  });

  it('shows the picture of a map first, and draws the map once the pointer is over it', async () => {
    await notebook.step();
    await notebook.hasRun(0, 120_000);
    assert.equal(await notebook.errorOf(0), null);
    await notebook.hasDrawn(0, { charts: 0, pictures: 1, plots: 0 });

    await notebook.pointAtPicture(0, '.heatmaplayer image');
    await notebook.hasDrawn(0, { charts: 0, pictures: 0, plots: 1 });
  });

  it('switches between the final map and the input', async () => {
    const cell = notebook.cells.nth(0);
    await cell.locator('.updatemenu-button', { hasText: 'input' }).click();
    await cell.locator('.heatmaplayer image').waitFor({ state: 'detached' });
    await cell.locator('.layer-below image, .imagelayer image').waitFor({ state: 'attached' });
    await notebook.hasDrawn(0, { charts: 0, pictures: 0, plots: 1 });
  });

  it('draws the map as a surface, with WebGL, once the pointer is over its picture', async () => {
    await notebook.cells.nth(1).click();
    await notebook.page.keyboard.press('Escape');
    // Away from where the picture will be.
    await notebook.page.mouse.move(5, 5);
    await notebook.step();
    await notebook.hasRun(1, 60_000);
    assert.equal(await notebook.errorOf(1), null);
    await notebook.hasDrawn(1, { charts: 0, pictures: 1, plots: 0 });
    await notebook.screenshot('plotly-pictures');

    await notebook.pointAtPicture(1, '.gl-container canvas');
    await notebook.hasDrawn(1, { charts: 0, pictures: 0, plots: 1 });
    await notebook.screenshot('plotly');
  });

  it('lays the image over the surface', async () => {
    const cell = notebook.cells.nth(1);
    const before = await cell.locator('.js-plotly-plot').screenshot();
    await cell.locator('.updatemenu-button', { hasText: 'image' }).click();
    await notebook.hasDrawn(1, { charts: 0, pictures: 0, plots: 1 });
    const after = await cell.locator('.js-plotly-plot').screenshot();
    assert.ok(!before.equals(after));
    await notebook.screenshot('plotly-image');
  });
});
