import { sizeInWords } from '../../../lib/models/image-size';
import { learnerOf } from '../../../lib/methods/index';
import path from 'node:path';
import type { RunConfig } from '../../../lib/runs/run-config';
import type { Displayable } from '../../display/mime-bundle';
import { Table } from '../../tables/table';
import type { Cell } from '../../tables/table';

/** Makes of a plain object one that shows itself in a notebook; null for objects it does not know. */
export type Displayer = (object: object) => Displayable | null;

/**
 * What there is to say of an object, a row per fact; a fact that is not known is left out.
 *
 * @param head what it is, and which one
 */
export function factsTable(
  head: readonly [string, string],
  facts: readonly (readonly [string, Cell])[],
): Table {
  const known = facts.filter(([, value]) => value !== null && value !== undefined);
  return new Table(
    head.map((title) => ({ title })),
    known.map(([name, value]) => [name, `${value}`]),
  );
}

/** A folder's name for a notebook that others read: from the working directory, or its own name alone. */
export function folderName(folder: string): string {
  const relative = path.relative(process.cwd(), folder);
  const isInside = relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
  return isInside ? relative : path.basename(folder);
}

/** What a run's configuration says of it, each fact with its name. */
export function runFacts({ config, dataset, teacher }: RunConfig): [string, string][] {
  const { recipe, category, imageSize, seed, augmentedImages } = config;
  const copies = augmentedImages > 0 ? `, ${augmentedImages} augmented copies of them` : '';
  return [
    ['method', learnerOf({ recipe }).title],
    ['category', category],
    ['image size', sizeInWords(imageSize, '×')],
    ['train images', `${dataset.trainImages}${copies}`],
    ['teacher', teacher.name],
    ...('protocol' in config ? [['protocol', config.protocol] satisfies [string, string]] : []),
    ['seed', `${seed}`],
  ];
}

/** The same in one line: "STFPM on bottle, 256 × 256, protocol A, seed 0". */
export function runInWords(run: RunConfig): string {
  const { method, category, seed, protocol, ...rest } = Object.fromEntries(runFacts(run));
  const parts = [`${method} on ${category}`, rest['image size']];
  if (protocol !== undefined) parts.push(`protocol ${protocol}`);
  return [...parts, `seed ${seed}`].join(', ');
}
