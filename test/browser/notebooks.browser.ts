// The lab's own notebooks, cell by cell: minutes each, so `npm run test:browser` alone runs them.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { findChromium, HOW_TO_GET_CHROMIUM, launchChromium } from './chromium';
import { FOLDER, JupyterLab, ROOT } from './jupyter-lab';
import { type Drawn, NotebookPage } from './notebook-page';

/** What a cell may take: it may train two models. */
const CELL_MILLISECONDS = 15 * 60_000;

interface Cell {
  cell_type: string;
  outputs?: { data?: Record<string, unknown> }[];
  execution_count?: number | null;
}

interface Notebook {
  cells: Cell[];
}

describe("the lab's notebooks in JupyterLab, cell by cell", function () {
  this.timeout(60 * 60_000);
  let browser: Browser;
  let lab: JupyterLab;

  before(async function () {
    const executable = findChromium();
    if (executable === null) {
      process.stderr.write(`    skipped: ${HOW_TO_GET_CHROMIUM}\n`);
      return this.skip();
    }
    // The synthetic images, so that a picture of the page may be shown to anyone.
    lab = await JupyterLab.start({ MVTEC_AD_ROOT: '', STFPM_PROFILE: 'quick' });
    browser = await launchChromium(executable);
  });
  after(async () => {
    await browser?.close();
    await lab?.stop();
  });

  for (const name of readdirSync(path.join(ROOT, 'notebooks')).filter(isNotebook).sort()) {
    it(`runs ${name}, and draws what the notebook was saved with`, async () => {
      const saved = JSON.parse(
        readFileSync(path.join(ROOT, 'notebooks', name), 'utf8'),
      ) as Notebook;
      const file = path.join(FOLDER, name);
      writeWithoutOutputs(saved, file);
      const notebook = await NotebookPage.open(browser, lab, file);
      try {
        await notebook.toStart();
        for (const [index, cell] of saved.cells.entries()) {
          await notebook.step();
          if (cell.cell_type !== 'code') continue;
          await notebook.hasRun(index, CELL_MILLISECONDS);
          assert.equal(await notebook.errorOf(index), null, `cell ${index}`);
          const expected = expectedDrawings(cell);
          if (expected.charts > 0) {
            await notebook.cells.nth(index).locator('.vega-embed canvas, svg.marks').waitFor();
          }
          assert.deepEqual(await notebook.drawn(index), expected, `cell ${index}`);
        }
      } finally {
        await notebook.screenshot(path.basename(name, '.ipynb'));
        await notebook.close();
      }
    });
  }
});

function isNotebook(file: string): boolean {
  return file.endsWith('.ipynb');
}

function writeWithoutOutputs(notebook: Notebook, file: string): void {
  const cells = notebook.cells.map((cell) =>
    cell.cell_type === 'code' ? { ...cell, outputs: [], execution_count: null } : cell,
  );
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ ...notebook, cells }));
}

/** One drawing an output; where a bundle has several forms, the one that JupyterLab prefers. */
function expectedDrawings({ outputs = [] }: Cell): Drawn {
  const bundles = outputs.map(({ data = {} }) => data);
  const isChart = (data: object) => 'application/vnd.vegalite.v5+json' in data;
  return {
    charts: bundles.filter(isChart).length,
    pictures: bundles.filter((data) => !isChart(data) && 'image/png' in data).length,
    plots: 0,
  };
}
