import { basename, join, relative, resolve, sep } from 'node:path';
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { sha256Of, sha256OfAll } from '../files/sha256';
import { openImage } from './decode';
import { ImageFileError } from '../files/file-error';
import type { ImageSize } from '../metrics/scores';
import { DatasetError, isFolder, listNames, readFolderTree } from './folder';
import { CONCURRENCY, forEachConcurrently } from './image';
import { loadMask } from './mask';
import type { Mask } from './mask';
import { drawnSizeOf, drawPolygons, isCocoFile } from './polygons';
import { maskOfRegion, OWN_REGION_MISSING, regionFault, runsOf } from './region-mask';
import type { RegionOfInterest, SharedRegion } from './region-of-interest';
import type { Dataset, Sample } from './sample';
import { TruthFiles, truthStems } from './truth-files';

/**
 * Reads one region for all pictures: a picture (inside is what is painted, as in masks), or polygons in JSON of labelme or
 * of the lab (`{ "width", "height", "polygons": [[[x, y], ...], ...] }`).
 *
 * @throws ImageFileError for a file that cannot be read, or in which nothing is inside
 */
export async function readSharedRegion(file: string): Promise<SharedRegion> {
  const mask = await readRegion(file);
  const { width, height } = mask;
  return {
    of: 'all',
    name: basename(file),
    sha256: sha256Of(file),
    width,
    height,
    runs: runsOf(mask),
  };
}

async function readRegion(file: string, imageFile?: string): Promise<Mask> {
  let mask: Mask;
  if (imageFile === undefined && /\.json$/i.test(file)) {
    const { height, width, data } = drawPolygons(file, { ...drawnSizeOf(file), file });
    mask = { height, width, data };
  } else mask = await loadMask(file, { imageFile });
  if (mask.data.includes(1)) return mask;
  throw new ImageFileError(file, 'a region of interest', 'nothing inside: it is empty');
}

/**
 * What counts of a picture: its own region, else the one for all. Null: all of it.
 *
 * @throws ImageFileError for a region that cannot be used, or of another size; for a picture that needs one and has none
 */
export async function regionOfPicture(
  { file, regionFile }: Pick<Sample, 'file' | 'regionFile'>,
  picture: ImageSize,
  roi: RegionOfInterest | null,
): Promise<Mask | null> {
  if (regionFile !== undefined) return readRegion(regionFile, file);
  if (roi === null) return null;
  if (roi.of === 'each') throw new ImageFileError(file, ...OWN_REGION_MISSING);
  const fault = regionFault(roi, picture);
  if (fault) throw new ImageFileError(file, ...fault);
  return maskOfRegion(roi);
}

/** Whether a path is that of one region for all pictures, not of one for each: a folder, or a COCO file. */
export function isSharedRegion(path: string): boolean {
  return !isFolder(path) && !isCocoFile(path);
}

/** Finds regions of pictures by their names, as ground truth is found. */
export class RegionFiles {
  private readonly truths = new TruthFiles();

  /** @param path a folder of regions, or a COCO file */
  constructor(readonly path: string) {
    this.truths.add(path);
  }

  /**
   * @param name the picture's path below `folder`, with forward slashes
   * @returns null without one
   * @throws DatasetError where the region is another picture's already
   */
  find(name: string, folder: string, file: string): string | null {
    const found = this.truths.find(truthStems(name, folder), file);
    const other = found?.images.find((image) => image !== file);
    if (found === null || other === undefined) return found && found.file;
    throw new DatasetError(
      found.file,
      'the region of one picture',
      `two of its name, ${other} and ${file}`,
    );
  }

  unused(): string[] {
    return this.truths.unused();
  }
}

export interface RegionOptions {
  signal?: AbortSignal;
}

/**
 * A data set of whose images only a region counts.
 *
 * @param path one region for all: a picture or polygons; or one for each image: a folder of them, found by the images'
 *   names, or a COCO file
 * @throws ImageFileError for a region that cannot be read or is empty; DatasetError naming the images that have another
 *   size than their region, or none
 */
export async function withRegions(
  dataset: Dataset,
  path: string,
  options: RegionOptions = {},
): Promise<Dataset> {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) {
    throw new ImageFileError(path, 'a region of interest, or a folder of them', 'nothing');
  }
  if (isSharedRegion(path)) {
    const roi = await readSharedRegion(path);
    const { train, heldOut = [], test } = dataset;
    const samples = [...train, ...heldOut, ...test];
    await requireSizes(dataset.root, samples, roi, options);
    return { ...dataset, ...eachSample(dataset, withoutRegion), roi };
  }
  const regions = new RegionFiles(resolve(path));
  const without: string[] = [];
  const own = eachSample(dataset, (sample) => {
    const name = relative(dataset.root, sample.file).split(sep).join('/');
    const regionFile = regions.find(name, basename(dataset.root), sample.file);
    if (regionFile === null) without.push(name);
    return regionFile === null ? sample : { ...sample, regionFile };
  });
  if (without.length > 0) {
    const { train, heldOut = [], test } = dataset;
    const all = train.length + heldOut.length + test.length;
    throw new DatasetError(
      path,
      `regions of interest of ${all} pictures`,
      `none of ${listNames(without)}`,
    );
  }
  const unused = regions.unused().map((file) => relative(path, file).split(sep).join('/'));
  const warnings = [...dataset.warnings];
  if (unused.length > 0) {
    const count = unused.length === 1 ? '1 region' : `${unused.length} regions`;
    warnings.push(`${count} of interest without an image, not used: ${listNames(unused)}`);
  }
  return withOwnRegions({ ...dataset, ...own, warnings }, basename(resolve(path)), options);
}

/**
 * A data set whose images have regions of their own (`Sample.regionFile`), checked and described.
 *
 * @throws as `withRegions`
 */
export async function withOwnRegions(
  dataset: Dataset,
  name: string,
  { signal }: RegionOptions = {},
): Promise<Dataset> {
  const { train, heldOut = [], test } = dataset;
  await checkRegions(dataset.root, [...train, ...heldOut, ...test], { signal });
  const files = [...train, ...heldOut].map(({ regionFile }) => filesOf(regionFile!));
  const sums = await sha256OfAll(files.flat(), { signal });
  const sha256 = createHash('sha256').update(sums.join('\n')).digest('hex');
  return { ...dataset, roi: { of: 'each', name, sha256 } };
}

/** A region is a file, or a folder of pictures that count together. */
function filesOf(region: string): string[] {
  if (!isFolder(region)) return [region];
  return readFolderTree(region).images.map((name) => join(region, name));
}

function withoutRegion(sample: Sample): Sample {
  const { regionFile: _, ...rest } = sample;
  return rest;
}

function eachSample(
  { train, heldOut, test }: Dataset,
  map: (sample: Sample) => Sample,
): Pick<Dataset, 'train' | 'heldOut' | 'test'> {
  return {
    train: train.map(map),
    ...(heldOut && { heldOut: heldOut.map(map) }),
    test: test.map(map),
  };
}

/** @throws DatasetError naming the images of another size than the region for all */
async function requireSizes(
  root: string,
  samples: readonly Sample[],
  { name, width, height }: SharedRegion,
  { signal }: RegionOptions,
): Promise<void> {
  const others: string[] = [];
  for (const { file } of samples) {
    signal?.throwIfAborted();
    // What cannot be read is named when it is learnt from, with all others that cannot.
    const picture = await openImage(file).catch(() => null);
    if (!picture || (picture.width === width && picture.height === height)) continue;
    const path = relative(root, file).split(sep).join('/');
    others.push(`${path} (${picture.width} x ${picture.height})`);
  }
  if (others.length === 0) return;
  throw new DatasetError(
    root,
    `pictures of the ${width} x ${height} pixels of their region of interest ${name}`,
    `${others.length} of other sizes: ${listNames(others)}`,
  );
}

/** @throws DatasetError naming all images that cannot be seen within their region */
async function checkRegions(
  root: string,
  samples: readonly Sample[],
  { signal }: RegionOptions,
): Promise<void> {
  const faults: { index: number; text: string }[] = [];
  await forEachConcurrently(samples.length, CONCURRENCY, async (index) => {
    signal?.throwIfAborted();
    const { file, regionFile } = samples[index];
    try {
      const picture = await openImage(file);
      try {
        await regionOfPicture({ file, regionFile }, picture, null);
      } catch (error) {
        if (!(error instanceof ImageFileError)) throw error;
        const name = relative(root, error.file).split(sep).join('/');
        faults.push({ index, text: `${name} (expected ${error.expected}, found ${error.found})` });
      }
    } catch (error) {
      // Named when it is learnt from, with all others that cannot be read.
      if (!(error instanceof ImageFileError)) throw error;
    }
  });
  if (faults.length === 0) return;
  faults.sort((a, b) => a.index - b.index);
  throw new DatasetError(
    root,
    'pictures with regions of interest that fit them',
    `${faults.length} without: ${listNames(faults.map(({ text }) => text))}`,
  );
}
