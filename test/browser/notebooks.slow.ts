import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { findChromium, HOW_TO_GET_CHROMIUM, launchChromium } from './chromium';
import { FOLDER, JupyterLab, ROOT } from './jupyter-lab';
import { NotebookPage, type Drawn } from './notebook-page';

/** A cell may train: minutes on two cores. */
const CELL_MILLISECONDS = 20 * 60_000;

interface SavedCell {
  cell_type: string;
  outputs?: { data?: Record<string, unknown> }[];
}

/** What a cell draws, by the outputs that it is committed with. JupyterLab prefers a chart to its picture. */
function drawnWhenSaved({ outputs = [] }: SavedCell): Drawn {
  const kinds = outputs.map(({ data = {} }) =>
    'application/vnd.jupyter.widget-view+json' in data
      ? 'widget'
      : 'application/vnd.vegalite.v5+json' in data
        ? 'chart'
        : 'image/png' in data
          ? 'picture'
          : 'text',
  );
  const count = (kind: string): number => kinds.filter((found) => found === kind).length;
  return { charts: count('chart'), pictures: count('picture'), plots: 0, widgets: count('widget') };
}

/** The real notebooks on the project's own images, cell by cell, in the quick profile: `npm run test:browser`. */
describe('the notebooks in a browser', function () {
  this.timeout(60 * 60_000);
  let browser: Browser;
  let lab: JupyterLab;

  before(async () => {
    const executable = findChromium();
    assert.ok(executable, HOW_TO_GET_CHROMIUM);
    lab = await JupyterLab.start({ STFPM_PROFILE: 'quick', MVTEC_AD_ROOT: '' });
    browser = await launchChromium(executable);
  });
  after(async () => {
    await browser?.close();
    await lab?.stop();
  });

  for (const name of readdirSync(path.join(ROOT, 'notebooks')).filter((n) =>
    n.endsWith('.ipynb'),
  )) {
    it(`${name} runs, and each cell draws what it is committed with`, async () => {
      // A copy: the notebook itself stays as it is committed.
      mkdirSync(FOLDER, { recursive: true });
      const [original, copy] = [path.join(ROOT, 'notebooks', name), path.join(FOLDER, name)];
      copyFileSync(original, copy);
      const { cells } = JSON.parse(readFileSync(original, 'utf8')) as { cells: SavedCell[] };
      const notebook = await NotebookPage.open(browser, lab, copy);
      try {
        await notebook.clearOutputs();
        await notebook.toStart();
        for (const [index, cell] of cells.entries()) {
          await notebook.step();
          if (cell.cell_type !== 'code') continue;
          await notebook.hasRun(index, CELL_MILLISECONDS);
          assert.equal(await notebook.errorOf(index), null, `cell ${index}`);
          await notebook.hasDrawn(index, drawnWhenSaved(cell));
        }
        await notebook.screenshot(path.basename(name, '.ipynb'));
      } finally {
        await notebook.close();
      }
    });
  }
});
