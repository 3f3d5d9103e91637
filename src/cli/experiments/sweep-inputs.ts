import * as path from 'path';
import type { Dataset } from '../../lib/data/sample';
import type { Teacher } from '../../lib/models/teacher';
import { dataChecksum } from '../../lib/sweep/plan';
import { chooseImages } from '../inputs/images';
import { chooseTeacher } from '../inputs/teacher';
import { warn } from '../terminal/say';

/** What a sweep's or a search's file names, by paths beside it. */
export interface SweepInputs {
  images(category: string): Promise<{ dataset: Dataset; sha256: string }>;
  /** Open: its store is to be disposed of. */
  teacher(): Teacher;
  /** Absolute. */
  runs: string;
}

export function sweepInputs(
  file: string,
  { name, data, teacher, runs }: { name: string; data: string; teacher: string; runs?: string },
): SweepInputs {
  const beside = (where: string) =>
    path.resolve(path.dirname(file), where.replace(/^~(?=\/)/, process.env.HOME ?? '~'));
  return {
    images: async (category) => {
      const synthetic = data === 'synthetic';
      const { dataset } = await chooseImages({
        ...{ category, synthetic },
        data: synthetic ? undefined : beside(data),
      });
      for (const warning of dataset.warnings) warn(warning);
      return { dataset, sha256: dataChecksum(dataset) };
    },
    teacher: () =>
      chooseTeacher({
        embedded: teacher === 'embedded',
        random: teacher === 'random',
        weights: ['embedded', 'random'].includes(teacher) ? undefined : beside(teacher),
      }).teacher,
    runs: runs === undefined ? path.resolve('runs', name) : beside(runs),
  };
}
