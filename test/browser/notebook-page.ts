import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { inPage } from './in-page';
import { FOLDER, type JupyterLab } from './jupyter-lab';

/** How many pictures of each kind a cell shows, all of them with something on them; those of widgets count as these. */
export interface Drawn {
  charts: number;
  pictures: number;
  plots: number;
  /** Left out: none. */
  widgets?: number;
}

/** A notebook that is open in JupyterLab in a browser. */
export class NotebookPage {
  private constructor(readonly page: Page) {}

  static async open(browser: Browser, lab: JupyterLab, file: string): Promise<NotebookPage> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
    await page.goto(lab.address(file));
    await page.waitForSelector('.jp-NotebookPanel .jp-CodeCell', { timeout: 60_000 });
    // The kernel is there when its state is known, and stays the same: at first it is a guess.
    const idle = page.locator('#jp-main-statusbar', { hasText: '| Idle' });
    await idle.waitFor({ timeout: 60_000 });
    await page.waitForTimeout(3000);
    await idle.waitFor({ timeout: 60_000 });
    return new NotebookPage(page);
  }

  get cells(): Locator {
    return this.page.locator('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell');
  }

  /** Selects the first cell, from which `step` goes on. */
  async toStart(): Promise<void> {
    // On its prompt: left of that a click would collapse it, right of it one would edit it.
    await this.cells.first().locator('.jp-InputPrompt').click();
    await this.page.keyboard.press('Escape');
  }

  /** Forgets what earlier runs left, by the menu's command. */
  async clearOutputs(): Promise<void> {
    await this.page.locator('.lm-MenuBar-itemLabel', { hasText: /^Edit$/ }).click();
    await this.page.locator('[data-command="editmenu:clear-all"]').click();
    await this.page.keyboard.press('Escape');
  }

  /** Shift-Enter on the selected cell. */
  async step(): Promise<void> {
    await this.page.keyboard.press('Shift+Enter');
  }

  /** Waits until a cell has run. */
  async hasRun(index: number, timeout: number): Promise<void> {
    const cell = this.cells.nth(index);
    await cell.locator('.jp-InputPrompt', { hasText: /\[\d+\]/ }).waitFor({ timeout });
  }

  async isCode(index: number): Promise<boolean> {
    return /jp-CodeCell/.test((await this.cells.nth(index).getAttribute('class')) ?? '');
  }

  /**
   * The text of a cell's error, of whatever name; null if it has none. The page shows an error and
   * what was written to stderr alike, so that the notebook behind it is asked.
   */
  async errorOf(index: number): Promise<string | null> {
    const texts = await this.cells.nth(index).evaluate(errorsBehind);
    return texts.length > 0 ? texts.join('\n') : null;
  }

  async textOf(index: number): Promise<string> {
    return (await this.cells.nth(index).locator('.jp-OutputArea-output').allInnerTexts()).join(
      '\n',
    );
  }

  /**
   * Waits until a cell has drawn what is expected: a page draws some time after the kernel is done.
   *
   * @throws AssertionError when it never does, and for a picture that did not load or is of one colour
   */
  async hasDrawn(index: number, expected: Drawn): Promise<void> {
    const cell = this.cells.nth(index);
    await cell.scrollIntoViewIfNeeded();
    const area = cell.locator('.jp-OutputArea');
    const charts = area.locator('.vega-embed canvas, .vega-embed svg.marks');
    // Plotly's renderer has an image without a source, hidden, wherever it draws by itself.
    const pictures = area.locator('img:visible:not(.stfpm *)');
    const plots = area.locator('.js-plotly-plot .plot-container');
    await eventually(async () => {
      const found = {
        charts: await charts.count(),
        pictures: await pictures.count(),
        plots: await plots.count(),
        widgets: await area.locator('.stfpm').count(),
      };
      assert.deepEqual(found, { widgets: 0, ...expected }, `cell ${index}`);
      for (const canvas of await charts.all()) await assertNotBlank(canvas, index);
      for (const image of await pictures.all()) await assertNotBlank(image, index);
      for (const plot of await plots.all()) await assertSeen(plot, index);
    });
  }

  /**
   * Puts the pointer on a plot's picture, which the plot replaces then. While the page settles, after a cell has run or
   * the window has got another size, the picture can move away from under the pointer: then once more.
   *
   * @param drawn what is there as soon as the plot is
   */
  async pointAtPicture(index: number, drawn: string): Promise<void> {
    const cell = this.cells.nth(index);
    await eventually(async () => {
      const picture = cell.locator('img.plot-img');
      if (await picture.isVisible()) {
        await this.page.mouse.move(5, 5);
        // By force: the picture gives way as soon as the pointer is there.
        await picture.hover({ force: true, timeout: 5000 });
      }
      await cell.locator(drawn).first().waitFor({ timeout: 5000 });
    });
  }

  /** Presses the stop button. */
  async interrupt(): Promise<void> {
    await this.page.locator('[data-command="notebook:interrupt-kernel"]').first().click();
  }

  /** The whole notebook as a picture. */
  async screenshot(name: string): Promise<void> {
    mkdirSync(FOLDER, { recursive: true });
    const height = await this.page
      .locator('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-viewport')
      .first()
      .evaluate(inPage<number>('element', 'return element.scrollHeight;'));
    await this.page.setViewportSize({ width: 1280, height: Math.min(16_000, height + 200) });
    // However far it was scrolled: there is room below the last cell.
    await this.page
      .locator('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer')
      .first()
      .evaluate(inPage<void>('element', 'element.scrollTop = 0;'));
    await this.page.waitForTimeout(1000);
    await this.page.screenshot({ path: path.join(FOLDER, `${name}.png`) });
    await this.page.setViewportSize({ width: 1280, height: 1000 });
  }

  async close(): Promise<void> {
    await this.page.close();
  }
}

/** The errors among the outputs of a cell, from JupyterLab's model of it. */
const errorsBehind = inPage<string[]>(
  'node',
  `const cell = window.jupyterapp.shell.currentWidget.content.widgets.find((it) => it.node === node);
  return cell.model.outputs
    .toJSON()
    .filter((output) => output.output_type === 'error')
    .map(({ ename, evalue }) => ename + ': ' + evalue);`,
);

/** How many colours an image or a canvas has, at most 50; for an SVG, how many marks. */
const countColours = inPage<number>(
  'node',
  `return (async () => {
    if (node instanceof SVGElement) return node.querySelectorAll('path, text').length;
    if (node instanceof HTMLImageElement) await node.decode();
    const canvas = document.createElement('canvas');
    canvas.width = node.naturalWidth ?? node.width;
    canvas.height = node.naturalHeight ?? node.height;
    if (canvas.width === 0 || canvas.height === 0) return 0;
    const context = canvas.getContext('2d');
    context.drawImage(node, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const seen = new Set();
    for (let i = 0; i < data.length && seen.size < 50; i += 4) {
      seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
    }
    return seen.size;
  })();`,
);

/** Something else than one colour must be seen. */
async function assertNotBlank(element: Locator, cell: number): Promise<void> {
  const colours = await element.evaluate(countColours);
  assert.ok(colours > 2, `cell ${cell}: expected a picture, found ${colours} colours`);
}

/** For what is drawn by several elements, one over the other: the page's own pixels differ. */
async function assertSeen(element: Locator, cell: number): Promise<void> {
  const { channels } = await sharp(await element.screenshot())
    .removeAlpha()
    .stats();
  const deviation = Math.max(...channels.map(({ stdev }) => stdev));
  assert.ok(deviation > 3, `cell ${cell}: expected a plot, found one colour`);
}

const DRAWING_MILLISECONDS = 15_000;

/** Tries until it succeeds; past the time that a page may take to draw, its last error is the caller's. */
async function eventually(attempt: () => Promise<void>): Promise<void> {
  const end = performance.now() + DRAWING_MILLISECONDS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
