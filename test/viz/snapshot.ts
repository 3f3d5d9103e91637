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

/** How far a channel may be off, of 255: the rounding of another processor. */
const ROUNDING = 4;
/** At the edges of letters and lines one pixel in so many may be off by more, up to `EDGE`. */
const PIXELS_AN_EDGE = 10_000;
const EDGE = 48;

/**
 * Compares a picture with its snapshot. Where the machine has not the figures' font, only the size is compared.
 */
export async function assertPngSnapshot(name: string, png: Buffer): Promise<void> {
  const file = path.join(FOLDER, `${name}.png`);
  if (isUpdate) write(file, png);
  const expected = readFileSync(expectToExist(file));
  if (await hasFiguresFont()) return assertSamePicture(`${name}.png`, png, expected);
  const sizes = await Promise.all([png, expected].map(async (one) => (await pixels(one)).size));
  assert.deepEqual(sizes[0], sizes[1], `${name}.png has another size`);
}

/** Two pictures are the same but for rounding: a letter or a line that is another one is more than that. */
export async function assertSamePicture(name: string, png: Buffer, expected: Buffer) {
  const [found, wanted] = await Promise.all([pixels(png), pixels(expected)]);
  assert.deepEqual(found.size, wanted.size, `${name} has another size`);
  let different = 0;
  let largest = 0;
  for (let i = 0; i < found.data.length; i += 3) {
    const off = [0, 1, 2].map((c) => Math.abs(found.data[i + c] - wanted.data[i + c]));
    if (Math.max(...off) > ROUNDING) different++;
    largest = Math.max(largest, ...off);
  }
  const allowed = found.data.length / 3 / PIXELS_AN_EDGE;
  assert.ok(
    different <= allowed && largest <= EDGE,
    `${name}: ${different} pixels have changed, by up to ${largest} of 255`,
  );
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
