import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Locator } from 'playwright-core';
import { chromiumOrSkip } from './chromium';
import { inPage } from './in-page';
import { FOLDER, JupyterLab, ROOT } from './jupyter-lab';
import { NotebookPage } from './notebook-page';
import { writeNotebook } from './write-notebook';

const RUN = path.join('runs', 'browser-test-widgets');

/** Two grey images of 32 x 32, each with a map that rises from left to right, and what is true of them. */
const IMAGES = `const side = 32;
const grey = { width: side, height: side, data: new Uint8Array(3 * side * side).fill(128) };
const rising = (top: number) => Float32Array.from({ length: side * side }, (_, i) => (top * (1 + (i % side))) / side);
const unit = { lo: 0, hi: 1 };
const mask = { width: side, height: side, data: Uint8Array.from({ length: side * side }, (_, i) => Number(i % side > 27)) };
const judged = [
  { image: grey, map: rising(0.25), score: 0.25, isDefective: false, caption: 'good' },
  { image: grey, map: rising(0.75), score: 0.75, isDefective: true, caption: 'broken', mask },
];`;

const CELLS = [
  `import * as lab from './src/lib/index';\nimport * as viz from './src/viz/index';\n${IMAGES}`,
  `const slider = viz.thresholdSlider(judged, { title: 'Two images' });\nslider`,
  `// The page's latest may be on its way.
while (slider.state.threshold > 0.3) await new Promise((done) => setTimeout(done, 10));
console.log('it came');
slider.set({ threshold: 0.375 });`,
  `const inspector = await viz.mapInspector(
  judged.map(({ image, map, caption }) => ({ image, map, caption, levels: [map, map, map] })),
  {
    scale: { levels: [unit, unit, unit], product: unit },
    levelTitles: ['16', '8', '4'],
    nearest: (_, { x }) => ({ image: grey, caption: \`nearest at \${x}\` }),
    title: 'Two maps',
  },
);
inspector`,
  `const { dataset } = await lab.openCategory({ category: 'bottle', root: '' });
const few = { ...dataset, train: dataset.train.slice(0, 8) };
const config = lab.baselineConfig({ category: 'bottle', imageSize: 64, epochs: 100_000, batchSize: 4, seed: 7 });
const result = await viz.trainingPanel({ epochs: config.epochs, title: 'A long training' }, (hooks) =>
  lab.trainDetector(config, few, lab.openTeacher(), '${RUN}', hooks),
);
console.log('after', result.epochs.length > 0, 'epochs');`,
  `const clicker = viz.widget({
  model: { clicks: 0, bytes: Uint8Array.of(1, 2, 3) },
  render: ({ model, el }) => {
    const button = el.ownerDocument.createElement('button');
    const show = () => { button.textContent = \`\${model.get('clicks')} of \${model.get('bytes').byteLength}\`; };
    button.onclick = () => { model.set('clicks', model.get('clicks') + 1); model.save_changes(); };
    model.on('change:clicks', show);
    model.on('change:bytes', show);
    show();
    el.append(button);
  },
});
clicker.onChange(({ clicks }) => { if (clicks === 2) clicker.set({ bytes: Uint8Array.of(1, 2, 3, 4) }); });
clicker`,
  `for (let i = 0; i < 20_000; i++) console.log('line', i);`,
];

describe('widgets in a browser', function () {
  this.timeout(240_000);
  let browser: Browser;
  let jupyter: JupyterLab;
  let notebook: NotebookPage;
  const file = path.join(FOLDER, 'widgets.ipynb');

  before(async function () {
    browser = await chromiumOrSkip(this);
    rmSync(path.join(ROOT, RUN), { recursive: true, force: true });
    writeNotebook(file, CELLS);
    jupyter = await JupyterLab.start({ MVTEC_AD_ROOT: '', RESNET18_WEIGHTS: '' });
    notebook = await NotebookPage.open(browser, jupyter, file);
    await notebook.toStart();
    await run(0);
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await notebook.page.screenshot({ path: path.join(FOLDER, 'failed.png') });
    }
  });
  after(async () => {
    await browser?.close();
    await jupyter?.stop();
    rmSync(path.join(ROOT, RUN), { recursive: true, force: true });
  });

  /** Where a widget has the focus, its own cell is selected. */
  const start = async (index: number): Promise<void> => {
    await notebook.cells.nth(index).locator('.jp-InputPrompt').click();
    await notebook.step();
  };
  const run = async (index: number): Promise<void> => {
    await start(index);
    await notebook.hasRun(index, 120_000);
  };
  /** How many pixels of a canvas are red. */
  const redPixels = (canvas: Locator) =>
    canvas.evaluate(
      inPage<number>(
        'canvas',
        `const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        let red = 0;
        for (let i = 0; i < data.length; i += 4) red += Number(data[i] > data[i + 1] + 30);
        return red;`,
      ),
    );

  it('move masks, verdicts and counts with the threshold, in the page and in the cell', async () => {
    await run(1);
    const cell = notebook.cells.nth(1);
    const slider = cell.locator('input[type=range]');
    await slider.waitFor();
    const canvases = cell.locator('canvas');
    const counts = async () => (await cell.locator('tbody td').allInnerTexts()).join(' ');
    // To begin with, at the highest score of a good image: a third of the other image's width is below.
    assert.equal(await redPixels(canvases.nth(0)), 0);
    const before = await redPixels(canvases.nth(1));
    assert.equal(before, 32 * 22);
    assert.equal(await counts(), '1 0 0 1');
    await slider.fill('1000');
    assert.equal(await redPixels(canvases.nth(1)), 0);
    assert.equal(await counts(), '0 1 0 1');
    assert.match(await cell.innerText(), /broken: missed/);
    await slider.fill('0');
    assert.ok((await redPixels(canvases.nth(0))) > 0);
    assert.equal(await counts(), '1 0 1 0');
    await slider.fill('100');
    await run(2);
    assert.match(await notebook.textOf(2), /it came/);
    // And back from the cell: above .375 is the right half.
    await cell.locator('output', { hasText: '0.375' }).waitFor();
    assert.equal(await redPixels(canvases.nth(1)), 32 * 16);
  });

  it('show what a click on a map asks the cell for', async () => {
    await run(3);
    const cell = notebook.cells.nth(3);
    const detail = cell.locator('img');
    await cell.locator('img[alt*="good: anomaly maps"]').waitFor();
    const before = await detail.getAttribute('src');
    const map = cell.locator('canvas').nth(1);
    const { width, height } = (await map.boundingBox()) ?? assert.fail('the map is not seen');
    await map.click({ position: { x: (width * 8.5) / 32, y: (height * 16.5) / 32 } });
    await cell.locator('img[alt*="broken: anomaly maps"][alt*="x 8, y 16"]').waitFor();
    assert.notEqual(await detail.getAttribute('src'), before);
    await notebook.hasDrawn(3, { charts: 0, pictures: 0, plots: 0, widgets: 1 });
  });

  it('stop a running training at the press of their button, which saves it, and the cell goes on', async () => {
    await start(4);
    const cell = notebook.cells.nth(4);
    await cell.locator('polyline').waitFor({ timeout: 120_000 });
    await cell.locator('button', { hasText: 'Stop' }).click();
    await notebook.hasRun(4, 60_000);
    assert.equal(await notebook.errorOf(4), null);
    assert.match(await notebook.textOf(4), /after true epochs/);
    await cell.locator('[data-phase=stopped]').first().waitFor();
    assert.match(await cell.innerText(), /stopped after \d+ of 100000 epochs/);
    assert.ok(existsSync(path.join(ROOT, RUN, 'state.safetensors')));
  });

  it('can be written in a cell', async () => {
    await run(5);
    const button = notebook.cells.nth(5).locator('.jp-OutputArea-output button');
    await button.click();
    await button.filter({ hasText: '1 of 3' }).waitFor();
    await button.click();
    await button.filter({ hasText: '2 of 4' }).waitFor();
  });

  it('leave their still pictures in the notebook', async () => {
    const types = await notebook.cells.first().evaluate(
      inPage<string[]>(
        'cell',
        `const { widgets } = window.jupyterapp.shell.currentWidget.content;
        return widgets
          .flatMap(({ model }) => model.sharedModel.toJSON().outputs ?? [])
          .filter(({ data }) => data?.['application/vnd.jupyter.widget-view+json'])
          .map(({ data }) => Object.keys(data).sort().join());`,
      ),
    );
    await notebook.screenshot('widgets');
    const both = 'application/vnd.jupyter.widget-view+json,image/png,text/plain';
    assert.deepEqual(types, [both, both, both, both.replace('image/png,', '')]);
  });

  it('come back when the page is loaded anew, as the cell has them', async () => {
    await notebook.page.locator('[data-command="docmanager:save"]').first().click();
    await notebook.page.locator('#jp-main-dock-panel .jp-mod-dirty').waitFor({ state: 'detached' });
    await notebook.page.reload();
    const cell = notebook.cells.nth(1);
    await cell.locator('output', { hasText: '0.375' }).waitFor({ timeout: 60_000 });
    assert.equal(await redPixels(cell.locator('canvas').nth(1)), 32 * 16);
  });

  it('stand beside 20,000 printed lines, of which none is lost', async () => {
    await run(6);
    const text = (await notebook.textOf(6)).trim();
    const expected = Array.from({ length: 20_000 }, (_, i) => `line ${i}`).join('\n');
    assert.ok(text === expected, `${text.length} characters of ${expected.length}`);
  });
});
