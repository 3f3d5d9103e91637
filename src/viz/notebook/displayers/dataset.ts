import type { Dataset, Sample } from '../../../lib/data/sample';
import { Table } from '../../tables/table';
import type { Displayer } from './facts';

/** A category, or what `openCategory` returns: how many images there are of each kind. */
export const displayDataset: Displayer = (object) => {
  const { dataset = object, description } = object as { dataset?: unknown; description?: unknown };
  if (!isDataset(dataset)) return null;
  const { category, train, test, warnings } = dataset;
  return new Table(
    [
      { title: 'Images' },
      { title: 'kind' },
      { title: 'number', digits: 0 },
      { title: 'with a mask', digits: 0 },
    ],
    [...kinds('train', train), ...kinds('test', test)],
    { title: typeof description === 'string' ? description : category, notes: warnings },
  );
};

function kinds(split: string, samples: readonly Sample[]): [string, string, number, number][] {
  return [...new Set(samples.map(({ defect }) => defect))].map((kind) => {
    const those = samples.filter(({ defect }) => defect === kind);
    const masks = those.filter(({ maskFile }) => maskFile !== null);
    return [split, kind, those.length, masks.length];
  });
}

function isDataset(value: unknown): value is Dataset {
  const { category, train, test, warnings } = (value ?? {}) as Partial<Dataset>;
  return (
    typeof category === 'string' &&
    [train, test].every((samples) => Array.isArray(samples) && samples.every(isSample)) &&
    Array.isArray(warnings)
  );
}

function isSample(value: Partial<Sample> | null): boolean {
  return typeof value?.file === 'string' && typeof value.defect === 'string';
}
