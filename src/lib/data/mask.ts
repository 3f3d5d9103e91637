import { basename, join, relative, sep } from 'node:path';
import { connectedComponents } from '../metrics/regions';
import { checkSize, decode, openImage } from './decode';
import { ImageFileError } from '../files/file-error';
import type { OpenedImage } from './decode';
import type { ImageSize } from '../metrics/scores';
import { isFolder, listNames, readFolderTree } from './folder';
import { CONCURRENCY, forEachConcurrently } from './image';
import { drawPolygons } from './polygons';
import { Sample } from './sample';
import { loadSharp } from './sharp';

/** Ground truth pixel by pixel: 1 where the image is defective. */
export interface Mask extends ImageSize {
  /** 0 or 1, row-major, length height * width. */
  data: Uint8Array;
}

export interface LoadMaskOptions {
  /** Default: the mask's own size. */
  size?: ImageSize;
  /** The image it belongs to: the mask must have exactly its native size. Polygons cannot be drawn without. */
  imageFile?: string;
}

/**
 * What is remarkable about a ground truth.
 *
 * - `grey`: many grey values, as smooth edges and JPEG leave them; defect from half of the largest value on
 * - `labels`: several plain values, as kinds of defects are told apart; defect wherever there is one
 * - `alpha`: all of one colour; the mask is what is not transparent
 * - `turned`: the image is turned by its EXIF orientation, and the mask was drawn on it as it is stored; turned too
 * - `skipped`: shapes without an area, such as points, left out
 * - `empty`: no defect in it
 * - `inverted`: its border and most of it are defective
 */
export type MaskRemark = 'grey' | 'labels' | 'alpha' | 'turned' | 'skipped' | 'empty' | 'inverted';

/** Ground truth at the size of its image. */
interface NativeMask extends Mask {
  remarks: Set<MaskRemark>;
}

/**
 * Reads a ground truth: a picture, a folder of pictures that count together (MVTec LOCO), or polygons (JSON of labelme or
 * COCO). In a picture with one value beside zero, defect is where any colour channel is above zero; alpha does not count,
 * unless the colour is the same everywhere. Where there are many grey values, it is where there is at least half of the
 * largest one: above zero the area of a crack with smooth edges would grow by half. Then nearest neighbour to the size
 * asked for, as PIL's NEAREST picks; a connected region of which that would leave nothing is drawn with the largest value of
 * each cell.
 *
 * @throws ImageFileError for whatever `openImage` and `decode` refuse; for a mask whose size differs from its image's,
 *   naming both; for polygons without an image
 */
export async function loadMask(file: string, options: LoadMaskOptions = {}): Promise<Mask> {
  if (options.size) checkSize(options.size);
  const native = await readMask(file, options.imageFile);
  return resizeMask(native, options.size ?? native).mask;
}

async function readMask(file: string, imageFile?: string): Promise<NativeMask> {
  if (isFolder(file)) return readMasksOf(file, imageFile);
  if (/\.json$/i.test(file)) return readDrawn(file, imageFile);
  const mask = await openImage(file);
  const turn = imageFile === undefined ? 1 : await turnOf(mask, imageFile);
  const pixels = await decode(mask, 16);
  const remarks = new Set<MaskRemark>();
  const values = new Uint16Array(mask.width * mask.height);
  for (let i = 0; i < values.length; i++) {
    values[i] = Math.max(pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2]);
  }
  const plain = binary(values, mask, pixels.BYTES_PER_ELEMENT === 2 ? 0xffff : 0xff, remarks);
  const alpha = plain.isUniform ? await alphaOf(mask) : null;
  const data = alpha ? binary(alpha, mask, 0xff, remarks.add('alpha')).data : plain.data;
  if (turn !== 1) remarks.add('turned');
  return remarked({ ...turned({ ...mask, data }, turn), remarks });
}

/** All masks in a folder, together. */
async function readMasksOf(folder: string, imageFile?: string): Promise<NativeMask> {
  const { images } = readFolderTree(folder);
  if (images.length === 0)
    throw new ImageFileError(folder, 'a folder of masks', 'no picture in it');
  let all: NativeMask | null = null;
  for (const name of images) {
    const file = join(folder, name);
    const mask = await readMask(file, imageFile);
    // What one of them lacks or covers is no fault of all.
    mask.remarks.delete('empty');
    if (!all) {
      all = mask;
      continue;
    }
    if (mask.width !== all.width || mask.height !== all.height) {
      throw new ImageFileError(
        file,
        `the ${all.width} x ${all.height} pixels of the masks beside it`,
        `${mask.width} x ${mask.height}`,
      );
    }
    for (let i = 0; i < mask.data.length; i++) all.data[i] |= mask.data[i];
    for (const remark of mask.remarks) all.remarks.add(remark);
  }
  return remarked(all!);
}

async function readDrawn(file: string, imageFile?: string): Promise<NativeMask> {
  if (imageFile === undefined) {
    throw new ImageFileError(file, 'the image that its polygons were drawn on', 'none named');
  }
  const { height, width } = await openImage(imageFile);
  const { skipped, ...mask } = drawPolygons(file, { height, width, file: imageFile });
  return remarked({ ...mask, remarks: new Set<MaskRemark>(skipped > 0 ? ['skipped'] : []) });
}

/** Adds what is remarkable about the whole. */
function remarked(mask: NativeMask): NativeMask {
  const { width, height, data, remarks } = mask;
  const defective = data.reduce((sum, value) => sum + value, 0);
  if (defective === 0) remarks.add('empty');
  let onBorder = 0;
  for (let x = 0; x < width; x++) onBorder += data[x] + data[data.length - 1 - x];
  for (let y = 0; y < height; y++) onBorder += data[y * width] + data[y * width + width - 1];
  const border = 2 * (width + height);
  if (defective > INVERTED.whole * data.length && onBorder > INVERTED.border * border) {
    remarks.add('inverted');
  }
  return mask;
}

/** A defect that touches nearly all of the border, and more than half of the picture, is taken for the ground. */
const INVERTED = { whole: 0.5, border: 0.9 } as const;

/**
 * Defect or not, for each value.
 *
 * @param full the largest value that the format can hold
 * @param remarks gets `grey` or `labels`
 */
function binary(
  values: Uint16Array,
  { width }: ImageSize,
  full: number,
  remarks: Set<MaskRemark>,
): { data: Uint8Array; isUniform: boolean } {
  const isThere = new Uint8Array(0x10000);
  for (const value of values) isThere[value] = 1;
  const distinct = isThere.reduce((sum, value) => sum + value, 0);
  const largest = isThere.lastIndexOf(1);
  const nonZero = distinct - isThere[0];
  let least = 1;
  if (nonZero > 1) {
    const isLabelled = (largest < full / 8 && nonZero < 32) || isMostlyFlat(values, width, largest);
    remarks.add(isLabelled ? 'labels' : 'grey');
    if (!isLabelled) least = largest / 2;
  }
  const data = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) data[i] = values[i] >= least ? 1 : 0;
  return { data, isUniform: distinct === 1 };
}

/**
 * Whether the values in between form plain areas, as labels do, and not edges: most of their pixels have only their like
 * around them.
 */
function isMostlyFlat(values: Uint16Array, width: number, largest: number): boolean {
  let [between, flat] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value < largest / 8 || value > (7 * largest) / 8) continue;
    between++;
    const around = [i - width, i + width, i - 1, i + 1];
    if (around.every((j) => values[j] === value)) flat++;
  }
  return between > 0 && flat > between / 2;
}

/** The alpha channel, if it is not the same everywhere. */
async function alphaOf({ bytes, format }: OpenedImage): Promise<Uint16Array | null> {
  if (format === 'bmp' || format === 'netpbm') return null;
  const { hasAlpha } = await loadSharp()(bytes).metadata();
  if (!hasAlpha) return null;
  const alpha = await loadSharp()(bytes)
    .autoOrient()
    .toColourspace('srgb')
    .extractChannel('alpha')
    .raw({ depth: 'uchar' })
    .toBuffer();
  return alpha.some((value) => value !== alpha[0]) ? Uint16Array.from(alpha) : null;
}

async function orientationOf({ bytes, format }: OpenedImage): Promise<number> {
  if (format === 'bmp' || format === 'netpbm') return 1;
  return (await loadSharp()(bytes).metadata()).orientation ?? 1;
}

/**
 * The EXIF orientation by which a mask has to be turned to lie on its image; by the headers alone: a mask of another size
 * may be far larger than its image.
 *
 * @throws ImageFileError for a mask of another size, or one whose orientation is anybody's guess
 */
async function turnOf(mask: OpenedImage, imageFile: string): Promise<number> {
  const image = await openImage(imageFile);
  const isSame = ({ width, height }: ImageSize) => width === image.width && height === image.height;
  const [ofImage, ofMask] = [await orientationOf(image), await orientationOf(mask)];
  if (ofImage !== ofMask) {
    // A quarter turn of a picture that is not square shows in the size.
    const isQuarter = Math.max(ofImage, ofMask) >= 5;
    const isTold = isQuarter && image.width !== image.height;
    const lying = { width: mask.height, height: mask.width };
    if (ofMask === 1 && isTold && isSame(lying)) return ofImage;
    if (!isTold && isSame(mask)) {
      const [which, other] = ofMask === 1 ? ['the image', 'the mask'] : ['the mask', 'the image'];
      throw new ImageFileError(
        mask.file,
        `a mask with the EXIF orientation of its image ${imageFile}, or both without one`,
        `${which} turned by EXIF (orientation ${Math.max(ofImage, ofMask)}), ${other} not`,
      );
    }
  }
  if (!isSame(mask)) {
    throw new ImageFileError(
      mask.file,
      `the ${image.width} x ${image.height} pixels of its image ${imageFile}`,
      `${mask.width} x ${mask.height}`,
    );
  }
  return 1;
}

/** As a viewer shows pixels that are stored with an EXIF orientation. */
function turned({ width, height, data }: Mask, orientation: number): Mask {
  if (orientation === 1) return { width, height, data };
  const isQuarter = orientation >= 5;
  const upright = isQuarter ? { width: height, height: width } : { width, height };
  const result = new Uint8Array(data.length);
  for (let y = 0; y < upright.height; y++) {
    for (let x = 0; x < upright.width; x++) {
      let [column, row] = isQuarter ? [y, x] : [x, y];
      if ([2, 3, 7, 8].includes(orientation)) column = width - 1 - column;
      if ([3, 4, 6, 7].includes(orientation)) row = height - 1 - row;
      result[y * upright.width + x] = data[row * width + column];
    }
  }
  return { ...upright, data: result };
}

/**
 * Nearest neighbour; a region that it would lose keeps each cell that it touches.
 *
 * @returns the mask, and how many regions would have been lost
 */
export function resizeMask(
  native: Mask,
  { height, width }: ImageSize,
): { mask: Mask; saved: number } {
  const columns = nearest(native.width, width);
  const rows = nearest(native.height, height);
  const data = new Uint8Array(height * width);
  for (let y = 0; y < height; y++) {
    const row = rows[y] * native.width;
    for (let x = 0; x < width; x++) data[y * width + x] = native.data[row + columns[x]];
  }
  const isReduced = height < native.height || width < native.width;
  const saved = isReduced ? saveLost(native, { height, width, data }, rows, columns) : 0;
  return { mask: { height, width, data }, saved };
}

/** Draws the regions of which nothing was picked; returns their number. */
function saveLost(native: Mask, small: Mask, rows: Int32Array, columns: Int32Array): number {
  if (!native.data.includes(1)) return 0;
  const { labels, sizes } = connectedComponents(native.data, native);
  const isLost = new Uint8Array(sizes.length).fill(1);
  isLost[0] = 0;
  for (const row of rows) {
    for (const column of columns) isLost[labels[row * native.width + column]] = 0;
  }
  const lost = isLost.reduce((sum, value) => sum + value, 0);
  if (lost === 0) return 0;
  for (let i = 0; i < labels.length; i++) {
    if (isLost[labels[i]] === 0) continue;
    const x = Math.floor(((i % native.width) * small.width) / native.width);
    const y = Math.floor((Math.floor(i / native.width) * small.height) / native.height);
    small.data[y * small.width + x] = 1;
  }
  return lost;
}

/** For each output position the input position under its centre. */
function nearest(inputSize: number, outputSize: number): Int32Array {
  return Int32Array.from({ length: outputSize }, (_, i) =>
    Math.floor(((i + 0.5) * inputSize) / outputSize),
  );
}

/** Ground truths of one size, one after the other. */
export interface MaskStack extends ImageSize {
  count: number;
  /** 1 where defective, [count, height, width]; zeros for good images. */
  data: Uint8Array;
  /**
   * [count], with 1 where `data` is the truth (good images, defect images with a mask), 0 for a defect
   * image without a mask, which pixel metrics must leave out.
   */
  known: Uint8Array;
}

export interface LoadMasksOptions {
  size: ImageSize;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/**
 * Reads the masks of many samples into one array, each checked against its image's native size. A mask that cannot be used,
 * has no defect in it, or covers border and most of its picture, is left out (`known` 0): pixels of a mask that means
 * something else are worse than none. `checkMasks` names them.
 */
export async function loadMasks(
  samples: readonly Pick<Sample, 'file' | 'label' | 'maskFile'>[],
  options: LoadMasksOptions,
): Promise<MaskStack> {
  const { size } = options;
  checkSize(size);
  const { height, width } = size;
  const data = new Uint8Array(samples.length * height * width);
  const known = Uint8Array.from(samples, ({ label }) => (label === 0 ? 1 : 0));
  await forEachMask(samples, options, (i, mask) => {
    if (mask instanceof ImageFileError || isMisleading(mask)) return;
    data.set(resizeMask(mask, size).mask.data, i * height * width);
    known[i] = 1;
  });
  return { count: samples.length, height, width, data, known };
}

function isMisleading({ remarks }: NativeMask): boolean {
  return remarks.has('empty') || remarks.has('inverted');
}

async function forEachMask(
  samples: readonly Pick<Sample, 'file' | 'maskFile'>[],
  { onProgress, signal }: Omit<LoadMasksOptions, 'size'>,
  visit: (index: number, mask: NativeMask | ImageFileError) => void,
): Promise<void> {
  let done = 0;
  await forEachConcurrently(samples.length, CONCURRENCY, async (i) => {
    signal?.throwIfAborted();
    const { file, maskFile } = samples[i];
    if (maskFile !== null) {
      try {
        visit(i, await readMask(maskFile, file));
      } catch (error) {
        if (!(error instanceof ImageFileError)) throw error;
        visit(i, error);
      }
    }
    onProgress?.(++done, samples.length);
  });
}

/** What a data set's masks are, as `checkMasks` finds them. */
export interface MaskCheck {
  /** A sentence for each kind of mask that is read otherwise than it seems, or left out, with the files' names. */
  warnings: string[];
  /** Files by what is remarkable about them. */
  remarks: Partial<Record<MaskRemark | 'unusable' | 'saved', string[]>>;
}

const REMARKS: readonly [kind: keyof MaskCheck['remarks'], sentence: string][] = [
  ['unusable', 'of no use, with the images left out of the pixel metrics'],
  [
    'inverted',
    'covering the border and most of the picture, as if inverted or painted on white, with the images left out of the ' +
      'pixel metrics',
  ],
  ['empty', 'without any defect, with the images left out of the pixel metrics'],
  [
    'grey',
    'with many grey values (smooth edges, or once a JPEG), defect from half of the largest value on',
  ],
  ['labels', 'with several plain values, as labels have, defect wherever there is one'],
  ['alpha', 'of one colour, defect where it is not transparent'],
  ['turned', 'drawn on the picture as it lay before its EXIF orientation, turned with it'],
  ['skipped', 'with shapes that have no area, such as points, which are left out'],
];

/**
 * Looks at all masks of a data set at once, before anything is trained or measured.
 *
 * @param options `size`: what images will be resized to; with it, defects that are smaller than a pixel of that size are
 *   counted. `root`: a folder below which files are named; default: by their whole paths.
 */
export async function checkMasks(
  samples: readonly Pick<Sample, 'file' | 'maskFile'>[],
  {
    size,
    root,
    ...options
  }: Omit<LoadMasksOptions, 'size'> & { size?: ImageSize; root?: string } = {},
): Promise<MaskCheck> {
  const found: { index: number; kind: keyof MaskCheck['remarks']; name: string }[] = [];
  let saved = 0;
  await forEachMask(samples, options, (index, mask) => {
    const path = samples[index].maskFile!;
    const file = root === undefined ? path : relative(root, path).split(sep).join('/');
    if (mask instanceof ImageFileError) {
      const about = mask.file === path ? '' : `${basename(mask.file)}: `;
      const name = `${file} (${about}expected ${mask.expected}, found ${mask.found})`;
      found.push({ index, kind: 'unusable', name });
      return;
    }
    for (const kind of mask.remarks) {
      // What is left out is not read in any way.
      if (kind === 'empty' || kind === 'inverted' || !isMisleading(mask)) {
        found.push({ index, kind, name: file });
      }
    }
    const lost = size && !isMisleading(mask) ? resizeMask(mask, size).saved : 0;
    saved += lost;
    if (lost > 0) found.push({ index, kind: 'saved', name: file });
  });
  found.sort((a, b) => a.index - b.index);
  const remarks: MaskCheck['remarks'] = {};
  for (const { kind, name } of found) (remarks[kind] ??= []).push(name);
  const warnings = REMARKS.flatMap(([kind, sentence]) => {
    const files = remarks[kind];
    return files ? `${inMasks(files.length)} ${sentence}: ${listNames(files)}` : [];
  });
  if (saved > 0 && size) {
    warnings.push(
      `${saved} ${saved === 1 ? 'defect is' : 'defects are'} smaller than a pixel of ${size.width} x ${size.height} and ` +
        `drawn as one or a few: ${listNames(remarks.saved!)}`,
    );
  }
  return { warnings, remarks };
}

function inMasks(count: number): string {
  return `${count} mask${count === 1 ? '' : 's'}`;
}
