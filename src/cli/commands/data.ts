import * as path from 'path';
import { Option } from 'commander';
import type { Command } from 'commander';
import { sizeOf } from '../../lib/models/side-or-size';
import type { SideOrSize } from '../../lib/models/side-or-size';
import { listNames } from '../../lib/data/folder';
import { inspectImages } from '../../lib/data/inspect-images';
import type { InspectedImage, Inspection, Oddity } from '../../lib/data/inspect-images';
import { checkMasks } from '../../lib/data/mask';
import type { MaskCheck } from '../../lib/data/mask';
import type { Dataset, Sample } from '../../lib/data/sample';
import { requireWritable, writeFileAtomic } from '../../lib/files/atomic-write';
import { contactSheet } from '../../viz/figure/contact-sheet';
import { addFolderOptions, chooseImages, datasetName } from '../inputs/images';
import type { FolderOptions } from '../inputs/images';
import { imageSizeOption, UsageError } from '../options';
import { pathInDataset } from '../runs/evaluate-run';
import { interruptible } from '../terminal/interruption';
import { numberText } from '../terminal/metrics-text';
import { openProgress } from '../terminal/progress';
import { print, say } from '../terminal/say';

const MORE = `
Looks at the images as \`stfpm train\` with the same options would use them, and
trains nothing. What is unusual is unusual among the good images: too dark, too
bright, blurred, framed differently, of another size. Near copies are pairs of
images that are far more alike than two images of the set usually are: the same
part photographed twice, for example. Between train and test they make numbers
look better than they are; --group-by keeps such images together.

Examples:
  stfpm data photos                          (a folder with good/ in it)
  stfpm data --good photos/ok --bad photos/nok --masks photos/masks
  stfpm data ~/mvtec_ad -c bottle --sheet bottle.png`;

export function addDataCommand(program: Command): void {
  const command = program
    .command('data')
    .description('look at images before any training: sizes, copies, odd ones, masks that mislead')
    .argument('[folder]', "a folder with good/ in it, or a data set in MVTec AD's layout")
    .option('-c, --category <name>', 'category of the data set');
  addFolderOptions(command)
    .addOption(imageSizeOption())
    .addOption(
      new Option('--sheet <file.png>', 'the contact sheet').default(
        path.join('reports', 'data.png'),
      ),
    )
    .option('--no-sheet', 'no contact sheet')
    .option('--json', 'print what was found as JSON, and nothing else')
    .addHelpText('after', MORE)
    .action(data);
}

/** The options of `stfpm data`. */
export interface DataOptions extends FolderOptions {
  category?: string;
  imageSize: SideOrSize;
  sheet: string | false;
  json?: boolean;
}

/** `stfpm data` */
async function data(folder: string | undefined, options: DataOptions): Promise<void> {
  if ((folder === undefined) === (options.good === undefined)) {
    throw new UsageError('Name either a folder, or your good images with --good.');
  }
  if (options.sheet !== false) requireWritable(path.resolve(options.sheet));
  const { dataset } = await chooseImages({ ...options, data: folder });
  const samples = withRoles(dataset);
  const progress = openProgress();
  let inspection: Inspection;
  let masks: MaskCheck;
  try {
    [inspection, masks] = await interruptible(async (signal) => [
      await inspectImages(samples, {
        signal,
        onProgress: (done, total) => progress.update({ name: 'Looking at images', done, total }),
      }),
      await checkMasks(dataset.test, {
        signal,
        root: dataset.root,
        size: sizeOf(options.imageSize),
      }),
    ]);
  } finally {
    progress.stop();
  }
  const report = dataReport(dataset, inspection, masks);
  if (options.json) print(JSON.stringify(report, null, 2));
  else print(asText(report));
  if (options.sheet !== false) {
    const sheet = await contactSheet(sheetImages(dataset, inspection), {
      title: `${dataset.category}: ${samples.length} images`,
    });
    writeFileAtomic(path.resolve(options.sheet), sheet.png);
    say(`Written: ${options.sheet}`);
  }
}

type WithRole = Sample & { role: string };

function withRoles({ train, heldOut = [], test }: Dataset): WithRole[] {
  const as = (role: string) => (sample: Sample) => ({ ...sample, role });
  return [...train.map(as('train')), ...heldOut.map(as('held-out')), ...test.map(as('test'))];
}

/** What `stfpm data --json` prints. */
export interface DataReport {
  category: string;
  dataset: string;
  root: string;
  images: { role: string; kind: string; images: number; masks: number }[];
  sizes: Record<string, number>;
  /** For example "png, 8 bits, 3 channels". */
  formats: Record<string, number>;
  oddities: Partial<Record<Oddity, string[]>>;
  /** Groups of files with the same content. */
  copies: { files: string[]; roles: string[] }[];
  nearCopies: { files: [string, string]; roles: [string, string]; difference: number }[];
  masks: MaskCheck['remarks'];
  /** A sentence for each kind of thing that somebody should look at. */
  warnings: string[];
}

function dataReport(dataset: Dataset, inspection: Inspection, masks: MaskCheck): DataReport {
  const { images, oddities, copies, nearCopies } = inspection;
  const name = (i: number) => pathInDataset(dataset.root, images[i].file);
  const tally = (of: (image: InspectedImage) => string | null) => {
    const counts: Record<string, number> = {};
    for (const key of images.flatMap((image) => of(image) ?? []))
      counts[key] = (counts[key] ?? 0) + 1;
    return counts;
  };
  const kinds = new Map<string, DataReport['images'][number]>();
  for (const { role, defect, maskFile } of withRoles(dataset)) {
    const row = kinds.get(`${role} ${defect}`) ?? { role, kind: defect, images: 0, masks: 0 };
    row.images++;
    if (maskFile !== null) row.masks++;
    kinds.set(`${role} ${defect}`, row);
  }
  const unreadable = (oddities.unreadable ?? []).map((i) => `${name(i)} (${images[i].error})`);
  const odd = Object.entries(oddities).map(([kind, list]) => [kind, list.map(name)] as const);
  const isAcross = (a: number, b: number) =>
    (images[a].role === 'test') !== (images[b].role === 'test');
  const across = nearCopies.filter(({ a, b }) => isAcross(a, b));
  const pair = ({ a, b }: { a: number; b: number }) => `${name(a)} ~ ${name(b)}`;
  const count = (number: number, one: string, many = `${one}s`) =>
    `${number} ${number === 1 ? one : many}`;
  const warnings = [
    ...dataset.warnings,
    ...(unreadable.length > 0
      ? [`${count(unreadable.length, 'image')} that cannot be read: ${listNames(unreadable)}`]
      : []),
    ...odd
      .filter(([kind]) => kind !== 'unreadable')
      .map(
        ([kind, files]) =>
          `${count(files.length, 'image')} ${WORDS[kind] ?? kind}: ${listNames(files)}`,
      ),
    ...(copies.length > 0
      ? [
          `${count(copies.length, 'picture')} that ${copies.length === 1 ? 'is' : 'are'} there more than once: ` +
            listNames(copies.map((group) => group.map(name).join(' = '))),
        ]
      : []),
    ...(nearCopies.length > 0
      ? [
          `${count(nearCopies.length, 'pair')} of near copies, ${across.length} of them between train and test: ` +
            listNames((across.length > 0 ? across : nearCopies).map(pair)),
        ]
      : []),
    ...masks.warnings,
  ];
  return {
    category: dataset.category,
    dataset: datasetName(dataset),
    root: dataset.root,
    images: [...kinds.values()],
    sizes: tally(({ look }) => look && `${look.width} x ${look.height}`),
    formats: tally(
      ({ look }) =>
        look &&
        [
          look.format.toUpperCase(),
          ...(look.bits === null ? [] : [count(look.bits, 'bit')]),
          ...(look.channels === null ? [] : [count(look.channels, 'channel')]),
        ].join(', '),
    ),
    oddities: Object.fromEntries(odd),
    copies: copies.map((group) => ({
      files: group.map(name),
      roles: group.map((i) => images[i].role),
    })),
    nearCopies: nearCopies.map(({ a, b, difference }) => ({
      files: [name(a), name(b)],
      roles: [images[a].role, images[b].role],
      difference: Number(difference.toPrecision(3)),
    })),
    masks: masks.remarks,
    warnings,
  };
}

const WORDS: Readonly<Record<string, string>> = {
  dark: 'unusually dark',
  bright: 'unusually bright',
  'another size': 'of another size than most',
  'like a mask': 'of two grey values alone, as masks have',
};

function asText(report: DataReport): string {
  const { category, dataset, root, images, sizes, formats, warnings } = report;
  const list = (counts: Record<string, number>) =>
    Object.entries(counts)
      .sort(([, a], [, b]) => b - a)
      .map(([what, count]) => `${what} (${count})`)
      .join('; ');
  return [
    `${category} (${dataset}), ${root}`,
    '',
    numberText(
      ['', 'images', 'masks'],
      images.map(({ role, kind, images: count, masks }) => [
        `${role}, ${kind}`,
        `${count}`,
        kind === 'good' ? '' : `${masks}`,
      ]),
    ),
    '',
    `Sizes: ${list(sizes) || 'none'}`,
    `Formats: ${list(formats) || 'none'}`,
    '',
    ...(warnings.length > 0
      ? ['To look at:', ...warnings.map((text) => `- ${text}`)]
      : ['Nothing unusual was found.']),
  ].join('\n');
}

/** Pictures on the sheet: all that are odd, and of the others some of each kind. */
const SHOWN = { odd: 48, ofKind: 12 } as const;

function sheetImages(dataset: Dataset, { images, oddities, copies, nearCopies }: Inspection) {
  const reasons = new Map<number, string[]>();
  const note = (i: number, reason: string) => {
    const known = reasons.get(i) ?? [];
    if (!known.includes(reason)) reasons.set(i, [...known, reason]);
  };
  for (const [kind, list] of Object.entries(oddities)) for (const i of list) note(i, kind);
  for (const group of copies) for (const i of group) note(i, 'copy');
  for (const { a, b } of nearCopies) for (const i of [a, b]) note(i, 'near copy');
  const shown = (i: number) => {
    const { file, role, defect, look } = images[i];
    return {
      image: look!.thumbnail,
      name: pathInDataset(dataset.root, file),
      kind: defect === 'good' ? role : `${role}, ${defect}`,
      reasons: reasons.get(i) ?? [],
    };
  };
  const readable = images.map((_, i) => i).filter((i) => images[i].look !== null);
  const odd = readable.filter((i) => reasons.has(i)).slice(0, SHOWN.odd);
  const taken = new Map<string, number>();
  const others = readable.filter((i) => {
    if (reasons.has(i)) return false;
    const kind = `${images[i].role} ${images[i].defect}`;
    taken.set(kind, (taken.get(kind) ?? 0) + 1);
    return taken.get(kind)! <= SHOWN.ofKind;
  });
  return [...odd, ...others].map(shown);
}
