import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { findChromium, HOW_TO_GET_CHROMIUM, launchChromium } from './chromium';
import { FOLDER, JupyterLab, ROOT } from './jupyter-lab';
import { NotebookPage } from './notebook-page';

/** A cell may train: minutes on two cores. */
const CELL_MILLISECONDS = 20 * 60_000;

/** The real notebooks, cell by cell, in the quick profile: `npm run test:browser`. */
describe('the notebooks in a browser', function () {
  this.timeout(60 * 60_000);
  let browser: Browser;
  let lab: JupyterLab;

  before(async () => {
    const executable = findChromium();
    assert.ok(executable, HOW_TO_GET_CHROMIUM);
    lab = await JupyterLab.start({ STFPM_PROFILE: 'quick' });
    browser = await launchChromium(executable);
  });
  after(async () => {
    await browser?.close();
    await lab?.stop();
  });

  for (const name of readdirSync(path.join(ROOT, 'notebooks')).filter((n) =>
    n.endsWith('.ipynb'),
  )) {
    it(`${name} runs and draws everything`, async () => {
      // A copy: the notebook itself stays as it is committed.
      mkdirSync(FOLDER, { recursive: true });
      const copy = path.join(FOLDER, name);
      copyFileSync(path.join(ROOT, 'notebooks', name), copy);
      const notebook = await NotebookPage.open(browser, lab, copy);
      try {
        await notebook.clearOutputs();
        await notebook.toStart();
        const count = await notebook.cells.count();
        const drawn = { charts: 0, pictures: 0, plots: 0 };
        for (let index = 0; index < count; index++) {
          await notebook.step();
          if (!(await notebook.isCode(index))) continue;
          await notebook.hasRun(index, CELL_MILLISECONDS);
          assert.equal(await notebook.errorOf(index), null, `cell ${index}`);
          const found = await notebook.drawn(index);
          for (const kind of ['charts', 'pictures', 'plots'] as const) drawn[kind] += found[kind];
        }
        await notebook.screenshot(path.basename(name, '.ipynb'));
        assert.ok(drawn.charts + drawn.pictures >= 5, JSON.stringify(drawn));
        process.stderr.write(`      ${drawn.charts} charts, ${drawn.pictures} pictures\n`);
      } finally {
        await notebook.close();
      }
    });
  }
});
