import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { z } from 'zod';
import { DatasetError, isFolder, listNames, readFolderTree } from '../data/folder';
import type { Dataset, Sample } from '../data/sample';
import { FileError } from '../files/file-error';
import { knownSha256Of, sha256OfAll } from '../files/sha256';
import type { RunFolder } from '../training/run-folder';

/*
 * split.json of a run: which picture was used for what, with checksums. Whoever goes on with the run, or evaluates it, does
 * so with the same pictures in the same roles, or is told which ones are others.
 */

const imageSchema = z.object({
  /** Below the data set's folder, with forward slashes. */
  file: z.string(),
  /** 'unused': a good image that a few-shot training left out. */
  role: z.enum(['train', 'held-out', 'unused', 'test']),
  defect: z.string(),
  label: z.union([z.literal(0), z.literal(1)]),
  sha256: z.string(),
  mask: z.string().optional(),
  maskSha256: z.string().optional(),
  /** Its own region of interest. */
  region: z.string().optional(),
  regionSha256: z.string().optional(),
  group: z.string().optional(),
});

const recordSchema = z.object({
  version: z.literal(1),
  category: z.string(),
  /** Of a user's own folders: how the images were divided. Absent in MVTec AD's layout. */
  division: z
    .object({
      by: z.enum(['seed', 'given']),
      seed: z.number().optional(),
      groupBy: z.string().optional(),
    })
    .optional(),
  images: z.array(imageSchema),
});

/** One picture of a run. */
export type RecordedImage = z.infer<typeof imageSchema>;

/** What split.json holds. */
export type ImageRecord = z.infer<typeof recordSchema>;

const FILE = 'split.json';

/** Images by what a training does with them. */
export interface UsedImages {
  train: readonly Sample[];
  heldOut: readonly Sample[];
  unused: readonly Sample[];
}

interface RecordOptions {
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/** Reads every picture and mask of a data set once, for their checksums. */
export async function recordImages(
  { root, category, division, test }: Dataset,
  { train, heldOut, unused }: UsedImages,
  options: RecordOptions = {},
): Promise<ImageRecord> {
  const roles = [
    ...train.map((sample) => ({ sample, role: 'train' as const })),
    ...heldOut.map((sample) => ({ sample, role: 'held-out' as const })),
    ...unused.map((sample) => ({ sample, role: 'unused' as const })),
    ...test.map((sample) => ({ sample, role: 'test' as const })),
  ];
  const sums = await sumsOf(
    roles.map(({ sample }) => sample),
    options,
  );
  return {
    version: 1,
    category,
    ...(division && { division }),
    images: roles.map(({ sample, role }, i) => ({
      file: below(root, sample.file),
      role,
      defect: sample.defect,
      label: sample.label,
      sha256: sums[i].sha256,
      ...(sample.maskFile !== null && {
        mask: below(root, sample.maskFile),
        maskSha256: sums[i].maskSha256,
      }),
      ...(sample.regionFile !== undefined && {
        region: below(root, sample.regionFile),
        regionSha256: sums[i].regionSha256,
      }),
      ...(sample.group !== undefined && { group: sample.group }),
    })),
  };
}

async function sumsOf(
  samples: readonly Pick<Sample, 'file' | 'maskFile' | 'regionFile'>[],
  options: RecordOptions,
) {
  const truths = samples.map(({ maskFile }) => filesOf(maskFile));
  const regions = samples.map(({ regionFile }) => filesOf(regionFile ?? null));
  const files = samples.flatMap(({ file }, i) => [file, ...truths[i], ...regions[i]]);
  const sums = await sha256OfAll(files, options);
  let next = 0;
  return samples.map((_, i) => {
    const sha256 = sums[next++];
    const ofMask = sums.slice(next, (next += truths[i].length));
    const ofRegion = sums.slice(next, (next += regions[i].length));
    return { sha256, maskSha256: oneOf(ofMask), regionSha256: oneOf(ofRegion) };
  });
}

function oneOf(sums: readonly string[]): string {
  return sums.length === 1 ? sums[0] : together(sums);
}

/** A ground truth, or a region, is a file, or a folder of them. */
function filesOf(maskFile: string | null): string[] {
  if (maskFile === null) return [];
  if (!isFolder(maskFile)) return [maskFile];
  return readFolderTree(maskFile).images.map((name) => path.join(maskFile, name));
}

function together(sums: readonly string[]): string {
  return createHash('sha256').update(sums.join('\n')).digest('hex');
}

function below(root: string, file: string): string {
  return path.relative(root, file).split(path.sep).join('/');
}

/** One checksum of all good images that a run learns from or holds out, in their roles and their order. */
export function goodImagesSha256({ images }: ImageRecord): string {
  const good = images.filter(({ role }) => role === 'train' || role === 'held-out');
  return together(good.map(({ role, sha256 }) => `${role} ${sha256}`));
}

/**
 * Null for a run of an earlier version, which kept none.
 *
 * @throws FileError for a damaged one
 */
export function readImageRecord(run: RunFolder): ImageRecord | null {
  if (!fs.existsSync(run.file(FILE))) return null;
  const result = recordSchema.safeParse(run.readJson(FILE));
  if (result.success) return result.data;
  throw new FileError(run.file(FILE), 'the pictures of a run with their roles', 'other JSON');
}

/**
 * Writes the record of a run. Of a test image that was recorded before, the older checksum stays: that is what tells that
 * it has changed.
 */
export function writeImageRecord(run: RunFolder, record: ImageRecord): void {
  const before = new Map(readImageRecord(run)?.images.map((image) => [image.file, image]));
  const images = record.images.map((image) => {
    const older = before.get(image.file);
    return older?.role === 'test' && image.role === 'test' ? { ...image, ...older } : image;
  });
  run.writeJson(FILE, { ...record, images });
}

/**
 * Whether a run's good images have the content of these, in whatever order; of a run of an earlier version, which does not
 * know, it is taken for granted.
 */
export function isOfImages(
  run: RunFolder,
  { train, heldOut = [] }: Pick<Dataset, 'train' | 'heldOut'>,
): boolean {
  const record = readImageRecord(run);
  if (!record) return true;
  const recorded = record.images.filter(({ role }) => role !== 'test').map(({ sha256 }) => sha256);
  const files = [...train, ...heldOut].map(({ file }) => file);
  if (files.length !== recorded.length) return false;
  const sums = files.map((file) => knownSha256Of(file));
  return together(sums.sort()) === together(recorded.sort());
}

/** What sets the good images of two records apart, in words; null for equal ones. */
export function differentGoodImages(before: ImageRecord, now: ImageRecord): string | null {
  const good = ({ images }: ImageRecord) => images.filter(({ role }) => role !== 'test');
  const had = new Map(good(before).map((image) => [image.file, image]));
  const has = new Map(good(now).map((image) => [image.file, image]));
  const parts: string[] = [];
  const tell = (what: string, images: Iterable<RecordedImage>) => {
    const files = [...images].map(({ file }) => file);
    if (files.length > 0) parts.push(`${what}: ${listNames(files)}`);
  };
  const both = [...has.values()].filter(({ file }) => had.has(file));
  tell(
    'changed since',
    both.filter(({ file, sha256 }) => had.get(file)!.sha256 !== sha256),
  );
  tell(
    'in another role',
    both.filter(({ file, role }) => had.get(file)!.role !== role),
  );
  tell(
    'not in the run',
    [...has.values()].filter(({ file }) => !had.has(file)),
  );
  tell(
    'in the run, not here',
    [...had.values()].filter(({ file }) => !has.has(file)),
  );
  return parts.length > 0 ? parts.join('; ') : null;
}

/**
 * The images of a run of a user's own folders, in the roles that it has written down.
 *
 * @param root where the pictures are now
 * @throws DatasetError naming those that are gone
 */
export function datasetOfRecord(record: ImageRecord, root: string): Dataset {
  const { category, division, images } = record;
  const at = (file: string) => path.join(root, ...file.split('/'));
  const gone = images.filter(({ file }) => !fs.existsSync(at(file))).map(({ file }) => file);
  if (gone.length > 0) {
    throw new DatasetError(
      root,
      `the ${images.length} pictures of the run`,
      `${images.length - gone.length} of them, without ${listNames(gone)}`,
    );
  }
  const lost = images.flatMap(({ mask }) =>
    mask !== undefined && !fs.existsSync(at(mask)) ? mask : [],
  );
  const samples = (...roles: RecordedImage['role'][]) =>
    images
      .filter(({ role }) => roles.includes(role))
      .map(({ file, role, defect, label, mask, group }): Sample => ({
        file: at(file),
        category,
        split: role === 'test' ? 'test' : 'train',
        defect,
        label,
        maskFile: mask === undefined || lost.includes(mask) ? null : at(mask),
        ...(group !== undefined && { group }),
      }));
  const heldOut = samples('held-out');
  const isDrawn = division?.by === 'seed';
  const warnings: string[] = [];
  if (lost.length > 0) warnings.push(`masks that the run had are gone: ${listNames(lost)}`);
  return {
    root,
    category,
    // Where the settings say what is held out, it is some of the good images.
    train: isDrawn ? samples('train', 'unused') : samples('train', 'unused', 'held-out'),
    test: samples('test'),
    ...(isDrawn && { heldOut }),
    ...(division && { division }),
    warnings,
  };
}

/**
 * A data set with the regions of interest that a run has written down for its images; null where the run has none, or does
 * not know one of these images.
 *
 * @throws DatasetError naming regions that are gone
 */
export function regionsOfRecord(record: ImageRecord, dataset: Dataset): Dataset | null {
  const { root, train, heldOut, test } = dataset;
  const regions = new Map(record.images.map(({ file, region }) => [file, region]));
  const all = [...train, ...(heldOut ?? []), ...test];
  if (!all.every(({ file }) => regions.get(below(root, file)) !== undefined)) return null;
  const gone = new Set<string>();
  const withRegion = (sample: Sample): Sample => {
    const region = regions.get(below(root, sample.file))!;
    const regionFile = path.join(root, ...region.split('/'));
    if (!fs.existsSync(regionFile)) gone.add(region);
    return { ...sample, regionFile };
  };
  const found = {
    ...dataset,
    train: train.map(withRegion),
    ...(heldOut && { heldOut: heldOut.map(withRegion) }),
    test: test.map(withRegion),
  };
  if (gone.size === 0) return found;
  throw new DatasetError(
    root,
    `the regions of interest of the run's ${all.length} pictures (--roi names where they are now)`,
    `none of ${listNames([...gone])}`,
  );
}

/** Which of these files, by their content, a run has learnt from. */
export async function learntFrom(
  { images }: ImageRecord,
  files: readonly string[],
  options: RecordOptions = {},
): Promise<string[]> {
  const learnt = new Set(images.filter(({ role }) => role === 'train').map(({ sha256 }) => sha256));
  const sums = await sha256OfAll(files, options);
  return files.filter((_, i) => learnt.has(sums[i]));
}

/**
 * What is odd about evaluating a run on these test images, a sentence each: pictures that it has learnt from or held out,
 * and pictures or masks that are not those that it has recorded.
 */
export async function checkTestImages(
  record: ImageRecord,
  { root, test }: Pick<Dataset, 'root' | 'test'>,
  options: RecordOptions = {},
): Promise<string[]> {
  const sums = await sumsOf(test, options);
  const learnt = new Map(
    record.images
      .filter(({ role }) => role === 'train' || role === 'held-out')
      .map(({ sha256, file, role }) => [sha256, `${role} image ${file}`]),
  );
  const recorded = new Map(
    record.images.filter(({ role }) => role === 'test').map((image) => [image.file, image]),
  );
  const names = test.map(({ file }) => below(root, file));
  const leaked = names.flatMap((name, i) => {
    const source = learnt.get(sums[i].sha256);
    return source === undefined ? [] : [`${name} (${source})`];
  });
  const changed = names.filter((name, i) => {
    const image = recorded.get(name);
    return image && image.sha256 !== sums[i].sha256;
  });
  const otherMasks = names.filter((name, i) => {
    const image = recorded.get(name);
    const hasBoth = image?.maskSha256 !== undefined && test[i].maskFile !== null;
    return hasBoth && image.maskSha256 !== sums[i].maskSha256;
  });
  const present = new Set(names);
  const isSameSet = names.some((name) => recorded.has(name));
  const added = isSameSet ? names.filter((name) => !recorded.has(name)) : [];
  const gone = isSameSet ? [...recorded.keys()].filter((name) => !present.has(name)) : [];
  const sentences: [string[], string][] = [
    [leaked, 'that the run has learnt from or held out, so that its numbers flatter it'],
    [changed, 'changed since the run was trained'],
    [otherMasks, 'with masks changed since the run was trained'],
    [added, 'that the run did not know'],
    [gone, 'of the run not here'],
  ];
  return sentences
    .filter(([files]) => files.length > 0)
    .map(([files, what]) => {
      const images = `${files.length} test image${files.length === 1 ? '' : 's'}`;
      return `${images} ${what}: ${listNames(files)}`;
    });
}
