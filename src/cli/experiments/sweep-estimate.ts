import * as path from 'path';
import * as fs from 'fs';
import { median } from 'simple-statistics';
import { sizeOf } from '../../lib/models/side-or-size';
import type { SideOrSize } from '../../lib/models/side-or-size';
import { epochsOf } from '../../lib/runs/run-config';
import type { PlanOptions } from '../../lib/sweep/plan';
import { PROJECT_ROOT } from '../project';
import { readResult } from '../runs/result-record';
import type { ResultRecord } from '../runs/result-record';

/** Start of a process, its engine and its teacher, in seconds. */
const START_SECONDS = 4;

/**
 * What a node takes, from what was measured: the lab's own records and those of finished runs of the same folder. Time
 * grows with images, epochs and pixels.
 *
 * @param runs the folder of the run folders; it may be missing
 */
export function estimator(runs: string): NonNullable<PlanOptions['estimate']> {
  const records = [
    ...recordsIn(path.join(PROJECT_ROOT, 'results'), (name) => name),
    ...recordsIn(runs, (name) => path.join(name, 'result.json')),
  ];
  const work = ({ config, dataset }: ResultRecord) =>
    dataset.trainImages * Math.max(1, epochsOf(config)) * pixelsOf(config.imageSize);
  return (kind, config, { dataset }) => {
    const alike = records.filter((record) => record.config.recipe === config.recipe);
    const pixels = pixelsOf(config.imageSize);
    const known = alike.flatMap((record) => {
      const { secondsPerImage, seconds = record.secondsPerEpoch?.total } = record;
      if (kind === 'train') return seconds === undefined ? [] : [seconds / work(record)];
      return secondsPerImage === undefined
        ? []
        : [secondsPerImage / pixelsOf(record.config.imageSize)];
    });
    if (known.length === 0) return null;
    const images =
      kind === 'train' ? dataset.train.length * Math.max(1, epochsOf(config)) : dataset.test.length;
    return START_SECONDS + median(known) * images * pixels;
  };
}

/** Those that can be read: an estimate does not need all. */
function recordsIn(folder: string, fileOf: (name: string) => string): ResultRecord[] {
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder).flatMap((name) => {
    const file = path.join(folder, fileOf(name));
    if (!file.endsWith('.json') || !fs.existsSync(file)) return [];
    try {
      return [readResult(file)];
    } catch {
      return [];
    }
  });
}

function pixelsOf(imageSize: SideOrSize): number {
  const { height, width } = sizeOf(imageSize);
  return height * width;
}
