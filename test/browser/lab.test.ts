import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { chromiumOrSkip } from './chromium';
import { inPage } from './in-page';
import { FOLDER, JupyterLab, ROOT } from './jupyter-lab';
import { NotebookPage } from './notebook-page';
import { writeNotebook } from './write-notebook';

const RUN = path.join('runs', 'browser-test');

const CELLS = [
  `import * as lab from './src/lib/index';\nimport * as viz from './src/viz/index';\nconst seed = 7;`,
  `await viz.lossCurve([{ name: 'a training', loss: [3, 2, 1.5, 1.2] }]);`,
  `const side = 64;
await viz.imageGrid([{
  image: { width: side, height: side, data: Uint8Array.from({ length: 3 * side * side }, (_, i) => i % 251) },
  caption: 'a picture',
}]);`,
  `new viz.Table([{ title: 'Name' }, { title: 'Value' }], [['seed', seed]]);`,
  `const { dataset } = await lab.openCategory({ category: 'bottle', root: '' });
const few = { ...dataset, train: dataset.train.slice(0, 8) };
const config = lab.baselineConfig({ category: 'bottle', imageSize: 64, epochs: 100_000, batchSize: 4, seed });
const live = viz.liveDisplay();
const result = await lab.trainDetector(config, few, lab.openTeacher(), '${RUN}', {
  signal: viz.cellSignal(),
  onEpoch: ({ epoch, seconds }, records) =>
    live.update(() =>
      viz.trainingProgress({ epoch, epochs: config.epochs, loss: records.map(({ loss }) => loss), secondsPerEpoch: seconds }),
    ),
});`,
  `console.log('after the stop, seed', seed);`,
  `const number: string = seed;`,
  `console.log('an old line');\nviz.clearOutput();\nconsole.log('the new line');`,
  `new lab.RunFolder('${RUN}')`,
  `(await lab.openCategory({ category: 'bottle', root: '' })).dataset`,
];

describe('JupyterLab in a browser', function () {
  this.timeout(240_000);
  let browser: Browser;
  let lab: JupyterLab;
  let notebook: NotebookPage;
  const file = path.join(FOLDER, 'short.ipynb');

  before(async function () {
    browser = await chromiumOrSkip(this);
    rmSync(path.join(ROOT, RUN), { recursive: true, force: true });
    writeNotebook(file, CELLS);
    lab = await JupyterLab.start({ MVTEC_AD_ROOT: '', RESNET18_WEIGHTS: '' });
    notebook = await NotebookPage.open(browser, lab, file);
    await notebook.toStart();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await notebook.page.screenshot({ path: path.join(FOLDER, 'failed.png') });
    }
  });
  after(async () => {
    await browser?.close();
    await lab?.stop();
    rmSync(path.join(ROOT, RUN), { recursive: true, force: true });
  });

  const run = async (index: number): Promise<void> => {
    await notebook.step();
    await notebook.hasRun(index, 120_000);
  };

  it('highlights TypeScript', async () => {
    const first = notebook.cells.first();
    await first.locator('.cm-content span', { hasText: 'import' }).first().waitFor();
    const colours = await first
      .locator('.cm-content span')
      .evaluateAll(
        inPage<string[]>('spans', 'return spans.map((span) => getComputedStyle(span).color);'),
      );
    assert.ok(new Set(colours).size > 2, colours.join());
  });

  it('draws a chart with Vega', async () => {
    await run(0);
    await run(1);
    await notebook.hasDrawn(1, { charts: 1, pictures: 0, plots: 0 });
  });

  it('shows a figure as a picture, and a table as a table', async () => {
    await run(2);
    await notebook.hasDrawn(2, { charts: 0, pictures: 1, plots: 0 });
    await run(3);
    await notebook.cells.nth(3).locator('table td', { hasText: 'seed' }).waitFor();
  });

  it('stops a running training at the press of a button, which saves it, and goes on', async () => {
    await notebook.step();
    const live = notebook.cells.nth(4).locator('.jp-OutputArea-output');
    await live.first().waitFor({ timeout: 120_000 });
    await notebook.interrupt();
    await notebook.hasRun(4, 60_000);
    // The last state of the live display, and the interruption.
    await live.nth(1).waitFor();
    assert.equal(await live.count(), 2);
    assert.match(await notebook.textOf(4), /Interrupted: The cell was interrupted/);
    assert.ok(existsSync(path.join(ROOT, RUN, 'state.safetensors')));
    await run(5);
    assert.match(await notebook.textOf(5), /after the stop, seed 7/);
  });

  it('points at the line of a type error', async () => {
    await run(6);
    const text = await notebook.textOf(6);
    assert.match(text, /Type 'number' is not assignable to type 'string'/);
    assert.match(`${await notebook.errorOf(6)}`, /not assignable/);
    assert.equal(await notebook.errorOf(5), null);
  });

  it('clears what a cell has printed', async () => {
    await notebook.cells.nth(7).locator('.jp-InputPrompt').click();
    await run(7);
    assert.equal((await notebook.textOf(7)).trim(), 'the new line');
  });

  it('draws the run that was stopped, and counts the images', async () => {
    await run(8);
    await notebook.hasDrawn(8, { charts: 1, pictures: 0, plots: 0 });
    await run(9);
    await notebook.cells.nth(9).locator('table td', { hasText: 'contamination' }).waitFor();
    await notebook.screenshot('short');
  });
});
