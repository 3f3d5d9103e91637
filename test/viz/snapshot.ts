import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { prepareFont } from '../../src/viz/text/font';
import { textWidth } from '../../src/viz/text/text-width';

const FOLDER = path.join(__dirname, 'snapshots');
/** Set to rewrite the snapshots; look at each of them before they are committed. */
const isUpdate = process.env.UPDATE_SNAPSHOTS === '1';

/** Compares an SVG with its snapshot, numbers rounded to tenths. */
export function assertSvgSnapshot(name: string, svg: string): void {
  const rounded = `${tidied(svg)}\n`;
  const file = path.join(FOLDER, `${name}.svg`);
  if (isUpdate) write(file, rounded);
  assert.equal(rounded, readFileSync(expectToExist(file), 'utf8'), `${name}.svg has changed`);
}

/** Counters that depend on what was drawn before are renumbered; one element a line, for diffs. */
function tidied(svg: string): string {
  const ids = new Map<string, string>();
  return svg
    .replace(/\b(clip|gradient_)\d+/g, (id, kind: string) => {
      if (!ids.has(id)) ids.set(id, `${kind}${ids.size}`);
      return ids.get(id) as string;
    })
    .replace(/<[^>]*>/g, (tag) =>
      tag.replace(/-?\d+\.\d+/g, (number) => `${Math.round(10 * Number(number)) / 10 + 0}`),
    )
    .replace(/></g, '>\n<');
}

/**
 * Compares a picture with its snapshot: the same size, and at most three pixels in a hundred that
 * differs by more than 32 of 255 in a channel. Letters
 * may differ a little from machine to machine; a missing panel is more than that. Where the machine
 * has not the figures' font, only the size is compared.
 */
export async function assertPngSnapshot(name: string, png: Buffer): Promise<void> {
  const file = path.join(FOLDER, `${name}.png`);
  if (isUpdate) write(file, png);
  const [found, expected] = await Promise.all([pixels(png), pixels(expectToExist(file))]);
  assert.deepEqual(found.size, expected.size, `${name}.png has another size`);
  if (!(await hasFiguresFont())) return;
  let different = 0;
  for (let i = 0; i < found.data.length; i += 3) {
    const far = [0, 1, 2].some((c) => Math.abs(found.data[i + c] - expected.data[i + c]) > 32);
    if (far) different++;
  }
  const share = (3 * different) / found.data.length;
  assert.ok(share <= 0.03, `${name}.png: ${(100 * share).toFixed(1)} % of the pixels have changed`);
}

/** Whether text comes out as wide as the figures' font is. */
async function hasFiguresFont(): Promise<boolean> {
  await prepareFont();
  const text = { text: 'WWWWllll', font: 'DejaVu Sans 40', dpi: 72 };
  const { info } = await sharp({ text }).toBuffer({ resolveWithObject: true });
  return Math.abs(info.width / textWidth(text.text, 40) - 1) < 0.05;
}

/** The pixels of a PNG, RGB. */
export async function pixels(png: Buffer | string): Promise<{ size: number[]; data: Buffer }> {
  const { data, info } = await sharp(png)
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { size: [info.width, info.height, info.channels], data };
}

function expectToExist(file: string): string {
  assert.ok(existsSync(file), `${file} is missing: make it with UPDATE_SNAPSHOTS=1`);
  return file;
}

function write(file: string, content: string | Buffer): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(file, content);
}
