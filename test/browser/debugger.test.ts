import assert from 'node:assert/strict';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { chromiumOrSkip } from './chromium';
import { FOLDER, JupyterLab } from './jupyter-lab';
import { NotebookPage } from './notebook-page';
import { writeNotebook } from './write-notebook';

const CELLS = [
  `import { tf } from './src/lib/engine/index';
import * as lab from './src/lib/index';
const pyramid = (least: number) =>
  [8, 4, 2].map((side) => tf.tile(tf.reshape(tf.linspace(least, 2, side), [1, side, 1, 1]), [1, 1, side, 4])) as unknown as lab.FeaturePyramid;
const [F_t, R_s] = [1.5, -1].map(pyramid);`,
  `const jointLoss = (F_s: lab.FeaturePyramid, alpha: number) => {
  const similarity = lab.similarityLoss(R_s, F_t);
  const reconstruction = lab.reconstructionLoss(R_s, F_s);
  const total = tf.add(tf.mul(alpha, reconstruction), similarity);
  return total.dataSync<'float32'>()[0];
};
jointLoss(pyramid(0), 0.5).toFixed(3)`,
];

describe('the debugger in a browser', function () {
  this.timeout(240_000);
  let browser: Browser;
  let jupyter: JupyterLab;
  let notebook: NotebookPage;
  let page: Page;
  const file = path.join(FOLDER, 'debugger.ipynb');

  before(async function () {
    browser = await chromiumOrSkip(this);
    writeNotebook(file, CELLS);
    jupyter = await JupyterLab.start({ MVTEC_AD_ROOT: '', RESNET18_WEIGHTS: '' });
    notebook = await NotebookPage.open(browser, jupyter, file);
    ({ page } = notebook);
    await notebook.toStart();
    await notebook.step();
    await notebook.hasRun(0, 120_000);
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      await page.screenshot({ path: path.join(FOLDER, 'failed.png') });
    }
  });
  after(async () => {
    await browser?.close();
    await jupyter?.stop();
  });

  const sidebar = () => page.locator('.jp-DebuggerSidebar');
  const variable = (name: string) =>
    sidebar().locator('.jp-TreeItem', {
      has: page.locator(`> .jp-DebuggerVariables-name:text-is("${name}")`),
    });
  const valueOf = (name: string) =>
    variable(name).first().locator('> .jp-DebuggerVariables-detail').innerText();
  const press = (title: string) => sidebar().locator(`jp-button[title^="${title}"]`).click();
  /** Waits until the innermost function stands at a line. */
  const standsAt = (line: number) =>
    sidebar()
      .locator('.jp-DebuggerCallstackFrame', { hasText: new RegExp(`jointLoss.*:${line}$`) })
      .waitFor();

  it('stops in the joint loss, shows F_s, steps, takes another value and goes on', async () => {
    await page.locator('.jp-DebuggerBugButton').first().click();
    // Listed once the kernel has answered all that begins a session.
    await variable('F_t').first().waitFor();
    const cell = notebook.cells.nth(1);
    const lines = cell.locator('.cm-breakpoint-gutter .cm-gutterElement:visible');
    await lines.nth(3).click();
    await sidebar().locator('.jp-DebuggerBreakpoint').waitFor();
    await cell.locator('.jp-InputPrompt').click();
    await notebook.step();
    await standsAt(4);
    assert.equal(await valueOf('alpha'), '0.5');
    await variable('F_s')
      .first()
      .locator('.expand-collapse-button, [part=expand-collapse-button]')
      .first()
      .click();
    await variable('0').waitFor();
    await page.screenshot({ path: path.join(FOLDER, 'debugger-stopped.png') });
    assert.match(await valueOf('0'), /^Tensor float32 \[1, 8, 8, 4\], from 0 to 2/);

    // JupyterLab's panel has no field for a value: what is evaluated may assign one.
    await press('Evaluate Code');
    const prompt = page.locator('.jp-CodeConsole-promptCell .cm-content');
    await prompt.click();
    await page.keyboard.type('alpha = 0');
    await page.keyboard.press('Shift+Enter');
    await page.locator('.jp-CodeConsole-content .jp-OutputArea-output').waitFor();
    await press('Next');
    await standsAt(5);
    assert.equal(await valueOf('alpha'), '0');
    assert.equal(await valueOf('total'), await valueOf('similarity'));
    await page.screenshot({ path: path.join(FOLDER, 'debugger-stepped.png') });
    const loss = Number(/from ([\d.]+)/.exec(await valueOf('similarity'))?.[1]);
    await press('Continue');
    // A page shows that a cell has run before what it came to.
    const output = cell.locator('.jp-OutputArea-output', { hasText: /^'/ });
    const result = Number((await output.innerText()).trim().slice(1, -1));
    assert.ok(Math.abs(result - loss) < 0.1, `${result}, ${loss}`);
  });

  it('opens a file of the library, and stops there', async () => {
    const source = 'src/lib/losses/similarity.ts';
    await sidebar().locator('.jp-DebuggerKernelSource-source', { hasText: source }).dblclick();
    const editor = page.locator('.jp-CodeMirrorEditor:visible', { hasText: 'ChannelL2Normalise' });
    // The first is hidden, and gives the gutter its width.
    await editor.locator('.cm-breakpoint-gutter .cm-gutterElement').nth(12).click();
    await sidebar().locator('.jp-DebuggerBreakpoint', { hasText: 'similarity.ts' }).waitFor();
    await page.getByRole('tab', { name: 'debugger.ipynb' }).click();
    const cell = notebook.cells.nth(1);
    await cell.locator('.jp-InputPrompt').click();
    await notebook.step();
    await sidebar()
      .locator('.jp-DebuggerCallstackFrame', { hasText: /similarity\.ts:12$/ })
      .waitFor();
    await page.screenshot({ path: path.join(FOLDER, 'debugger-source.png') });
    assert.match(await valueOf('squares'), /^Tensor float32 \[1, 8, 8, 1\]/);
  });
});
