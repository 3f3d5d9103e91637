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
await viz.mapView({
  image: { width: side, height: side, data: Uint8Array.from({ length: 3 * side * side }, (_, i) => i % 251) },
  levels: [pixels((x) => x), pixels((_, y) => y), pixels((x, y) => x * y)],
  product: pixels((x, y) => Math.exp(-((x - 20) ** 2 + (y - 30) ** 2) / 60)),
});`,
  `const bundle = {
  'application/vnd.plotly.v1+json': { data: [{ type: 'surface', z: [[1, 2, 3], [3, 4, 1], [0, 2, 1]] }], layout: {} },
  'text/plain': 'a surface',
};
({ [Symbol.for('Jupyter.display')]: () => bundle })`,
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
    await notebook.hasRun(0, 60_000);
    assert.equal(await notebook.errorOf(0), null);
    await notebook.hasDrawn(0, { charts: 0, pictures: 1, plots: 0 });

    const box = await notebook.cells.nth(0).locator('img.plot-img').boundingBox();
    assert.ok(box);
    await notebook.page.mouse.move(box.x + 100, box.y + 100);
    await notebook.cells.nth(0).locator('.heatmaplayer image').first().waitFor();
    await notebook.hasDrawn(0, { charts: 0, pictures: 0, plots: 1 });
  });

  it('switches between the final map and the input', async () => {
    const cell = notebook.cells.nth(0);
    await cell.locator('.updatemenu-button', { hasText: 'input' }).click();
    await cell.locator('.heatmaplayer image').waitFor({ state: 'detached' });
    await cell.locator('.layer-below image, .imagelayer image').waitFor({ state: 'attached' });
    await notebook.hasDrawn(0, { charts: 0, pictures: 0, plots: 1 });
  });

  it('draws a surface with WebGL', async () => {
    await notebook.cells.nth(1).click();
    await notebook.page.keyboard.press('Escape');
    await notebook.step();
    await notebook.hasRun(1, 60_000);
    await notebook.cells.nth(1).locator('.gl-container canvas').first().waitFor();
    await notebook.hasDrawn(1, { charts: 0, pictures: 0, plots: 1 });
    await notebook.screenshot('plotly');
  });
});
