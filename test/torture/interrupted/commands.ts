import * as fs from 'node:fs';
import * as path from 'node:path';
import { writeTinyDataset } from '../../cli/tiny-dataset';

/** A command that writes, small enough to be interrupted hundreds of times. */
export interface WritingCommand {
  name: string;
  /** Makes in a folder what it reads. @param run runs another command there first */
  prepare(folder: string, run: (...args: string[]) => Promise<void>): Promise<void>;
  /** Of `stfpm`, in that folder. */
  args: string[];
}

const DATA = ['--data', 'data', '--category', 'dots', '--embedded-teacher'];
const SMALL = ['--image-size', '32', '--batch-size', '2', '--epochs', '2', '--save-seconds', '0'];
const TRAIN = ['train', ...DATA, ...SMALL, '--protocol', 'B'];

const data = async (folder: string) => {
  await writeTinyDataset(path.join(folder, 'data'));
};

type Run = (...args: string[]) => Promise<void>;

const withRun = async (folder: string, run: Run) => {
  await data(folder);
  await run(...TRAIN, '--out', 'runs/made');
};

const withRecord = async (folder: string, run: Run) => {
  await withRun(folder, run);
  await run('evaluate', 'runs/made', '--result', 'results/made.json');
};

const withPlan = async (folder: string, run: Run) => {
  await data(folder);
  const row = { name: 'memory', method: 'patchcore', settings: { imageSize: 32 } };
  const sweep = { name: 'small', data: 'data', teacher: 'embedded', categories: ['dots'] };
  const text = JSON.stringify({ ...sweep, seeds: [0, 1], rows: [row] });
  fs.writeFileSync(path.join(folder, 'sweep.json'), text);
  await run('sweep', 'plan', 'sweep.json', '--out', 'plan.json');
};

export const COMMANDS: readonly WritingCommand[] = [
  { name: 'train', prepare: data, args: [...TRAIN, '--out', 'runs/a'] },
  {
    name: 'pre-train',
    prepare: data,
    args: ['train', '--method', 'pre-training', ...DATA, ...SMALL, '--out', 'runs/a'],
  },
  {
    name: 'joint',
    prepare: async (folder, run) => {
      await data(folder);
      await run('train', '--method', 'pre-training', ...DATA, ...SMALL, '--out', 'runs/made');
    },
    args: [...TRAIN, '--method', 'joint', '--auto-encoders', 'runs/made', '--out', 'runs/a'],
  },
  {
    name: 'patchcore',
    prepare: data,
    args: ['train', '--method', 'patchcore', ...DATA, '--image-size', '32', '--out', 'runs/a'],
  },
  {
    name: 'evaluate',
    prepare: withRun,
    args: ['evaluate', 'runs/made', '--maps', 'maps.npy', '--result', 'result.json'],
  },
  {
    name: 'predict',
    prepare: withRun,
    args: [
      ...['predict', 'runs/made', 'data/dots/test', '--out', 'judged'],
      ...['--overlays', '--masks', '--maps', 'maps.npy'],
    ],
  },
  { name: 'threshold', prepare: withRun, args: ['threshold', 'runs/made', '--threshold', '0.1'] },
  { name: 'export', prepare: withRun, args: ['export', 'runs/made', '--out', 'made.onnx'] },
  { name: 'page', prepare: withRun, args: ['export', 'runs/made', '--html', 'made.html'] },
  { name: 'report', prepare: withRun, args: ['report', 'runs/made', '--out', 'report.html'] },
  { name: 'figures', prepare: withRun, args: ['figures', 'runs/made', '--out', 'figures'] },
  { name: 'results', prepare: withRecord, args: ['results', 'results', '--out', 'RESULTS.md'] },
  {
    name: 'sweep plan',
    prepare: withPlan,
    args: ['sweep', 'plan', 'sweep.json', '--out', 'other.json'],
  },
  { name: 'sweep run', prepare: withPlan, args: ['sweep', 'run', 'plan.json', '--on', 'local'] },
  {
    name: 'synth',
    prepare: () => Promise.resolve(),
    args: [
      ...['synth', 'made', '--category', 'leather', '--size', '32'],
      ...['--train', '2', '--good', '1', '--per-defect', '1'],
    ],
  },
  { name: 'data', prepare: data, args: ['data', 'data', '-c', 'dots', '--sheet', 'sheet.png'] },
];
