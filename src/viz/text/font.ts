import { existsSync } from 'node:fs';
import path from 'node:path';
import { loadSharp } from '../../lib/data/sharp';

/** The font of all figures and charts, with what stands in for it where it is missing. */
export const FONT_FAMILY = 'DejaVu Sans, Verdana, Helvetica, Arial, sans-serif';

/** The npm package with the font files, so that labels do not depend on the machine's fonts. */
const FONT_PACKAGE = 'dejavu-fonts-ttf';
const FONT_FILES = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'];

let ready: Promise<boolean> | undefined;

/**
 * Makes a font available to everything that draws text in this process, once. Without the font
 * package the machine's own fonts serve; if there are none, a warning names the remedy and labels
 * come out as boxes, but the pictures themselves are right.
 *
 * @returns whether text can be drawn
 */
export function prepareFont(): Promise<boolean> {
  ready ??= registerFonts().catch((error: unknown) => {
    // A failure, such as the end of a notebook's cell, is not remembered.
    ready = undefined;
    throw error;
  });
  return ready;
}

async function registerFonts(): Promise<boolean> {
  const sharp = loadSharp();
  for (const file of bundledFontFiles()) {
    // libvips adds the file to the process's font configuration; the drawn text itself is not used.
    await sharp({ text: { text: 'x', font: 'DejaVu Sans', fontfile: file } }).toBuffer();
  }
  const works = await textIsDrawn();
  if (!works) {
    process.emitWarning(
      'No font found: labels of figures and charts will be unreadable. ' +
        `Install the npm package ${FONT_PACKAGE} or a system font (Debian: fonts-dejavu-core).`,
      { code: 'STFPM_NO_FONT' },
    );
  }
  return works;
}

function bundledFontFiles(): string[] {
  // The lab's own npm package brings these files of that one.
  const own = FONT_FILES.map((file) => path.join(__dirname, 'fonts', file));
  if (own.every((file) => existsSync(file))) return own;
  try {
    const folder = path.dirname(require.resolve(`${FONT_PACKAGE}/package.json`));
    return FONT_FILES.map((file) => path.join(folder, 'ttf', file));
  } catch {
    return [];
  }
}

/** Where a font is missing every character becomes a box of the same width, an l like a W. */
async function textIsDrawn(): Promise<boolean> {
  const sharp = loadSharp();
  try {
    const [narrow, wide] = await Promise.all(
      ['llll', 'WWWW'].map(async (text) => {
        const drawn = sharp({ text: { text, font: 'DejaVu Sans 40' } });
        return (await drawn.toBuffer({ resolveWithObject: true })).info.width;
      }),
    );
    return wide > 1.5 * narrow;
  } catch {
    return false;
  }
}
