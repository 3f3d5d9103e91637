import * as fs from 'fs';
import * as path from 'path';
import { isDeepStrictEqual } from 'util';
import type { PlannedRuns } from '../../lib/experiments/plan-runs';
import { methodConfig } from '../../lib/methods/index';
import type { MethodConfig } from '../../lib/methods/index';
import { isComplete } from '../../lib/runs/run-config';
import type { TrainDetectorOptions } from '../../lib/runs/train-detector';
import { RunFolder } from '../../lib/training/run-folder';
import { datasetName } from '../inputs/images';
import type { ChosenImages } from '../inputs/images';
import type { ChosenTeacher } from '../inputs/teacher';
import { evaluateApart } from '../runs/evaluate-apart';
import { readResult } from '../runs/result-record';
import type { ResultRecord } from '../runs/result-record';
import { trainWithProgress } from '../runs/train-run';
import { say } from '../terminal/say';

/** How far a planned run has come. */
export type RunState = 'finished' | 'started' | 'missing';

export function runState(folder: string, config: MethodConfig): RunState {
  const run = new RunFolder(folder);
  if (!run.exists) return 'missing';
  return isComplete(run, config) ? 'finished' : 'started';
}

/** A run's result as it was last recorded; null if there is none or its model was written after it. */
function recordedResult(run: RunFolder): ResultRecord | null {
  const time = (name: string) => fs.statSync(run.file(name), { throwIfNoEntry: false })?.mtimeMs;
  const [result, model] = [time('result.json'), time('model.safetensors')];
  if (result === undefined || model === undefined || result < model) return null;
  return run.readJson('result.json') as ResultRecord;
}

/**
 * What a study's folder of results has of a row's run, wherever that was made; null where it has nothing, or a result of
 * other settings, images or another teacher. One with auto-encoders never counts: a record does not say how those were
 * pre-trained.
 *
 * @param teacher asked for only where the rest is the same
 * @throws FileError when a file of that name is not a result
 */
export function publishedResult(
  results: string | undefined,
  { run: { name, config }, preTraining }: Pick<PlannedRuns, 'run' | 'preTraining'>,
  { dataset }: Pick<ChosenImages, 'dataset'>,
  teacher: () => ChosenTeacher,
): ResultRecord | null {
  if (results === undefined || preTraining) return null;
  const file = resultFile(results, name);
  if (!fs.existsSync(file)) return null;
  const record = readResult(file);
  const good = dataset.test.filter(({ label }) => label === 0).length;
  const images = {
    name: datasetName(dataset),
    category: dataset.category,
    trainImages: dataset.train.length,
    testImages: { good, defect: dataset.test.length - good },
  };
  const isSame =
    isDeepStrictEqual(methodConfig(record.config), config) &&
    isDeepStrictEqual(record.dataset, images);
  return isSame && isSameTeacher(record.teacher, teacher()) ? record : null;
}

function isSameTeacher(
  { kind, name, sha256 }: ResultRecord['teacher'],
  { teacher: { source, store } }: ChosenTeacher,
): boolean {
  store.dispose();
  // A file may have another name on another machine.
  return (
    kind === source.kind &&
    sha256 === source.sha256 &&
    (sha256 !== undefined || name === source.name)
  );
}

/** Where a study's folder of results has that of a run. */
export function resultFile(results: string, run: string): string {
  return path.join(results, `${run}.json`);
}

/** A second run that stands where a finished one does, without what was concluded from that one's end. */
function copyTraining(from: string, to: string): void {
  const partial = `${to}.partial`;
  const concluded = ['summary.json', 'evaluation.json', 'result.json', 'scores.csv', 'tensorboard'];
  fs.rmSync(partial, { recursive: true, force: true });
  fs.cpSync(from, partial, {
    recursive: true,
    filter: (file) => !concluded.includes(path.relative(from, file)),
  });
  fs.renameSync(partial, to);
}

/**
 * Trains what is missing of a row's runs, goes on with what was interrupted, and evaluates.
 *
 * @param root the folder of the run folders
 * @param again the command that does the same, named when it is interrupted
 */
export async function completeRuns(
  { preset, preTraining, shorter, student, run }: PlannedRuns,
  root: string,
  images: ChosenImages,
  teacher: ChosenTeacher,
  options: { again: string; data?: string; weights?: string },
): Promise<ResultRecord> {
  const folderOf = (name: string) => path.join(root, name);
  const trainOne = async (
    name: string,
    config: MethodConfig,
    begin: Pick<TrainDetectorOptions, 'autoEncoderFile' | 'studentRun'> = {},
  ) => {
    const folder = folderOf(name);
    const state = runState(folder, config);
    if (state === 'finished') return;
    say(`${state === 'missing' ? 'Training' : 'Going on with'} ${folder}`);
    await trainWithProgress(config, new RunFolder(folder), images, teacher, {
      ...begin,
      again: options.again,
    });
  };
  if (preTraining) await trainOne(preTraining.name, preTraining.config);
  const autoEncoderFile = preTraining
    ? path.join(folderOf(preTraining.name), 'model.safetensors')
    : undefined;
  const ofStudent = (recipe: string) => (recipe === 'joint' ? { autoEncoderFile } : {});
  if (student) await trainOne(student.name, student.config, ofStudent(student.config.recipe));
  if (shorter && runState(folderOf(run.name), run.config) === 'missing') {
    await trainOne(shorter.name, shorter.config);
    copyTraining(folderOf(shorter.name), folderOf(run.name));
  }
  await trainOne(
    run.name,
    run.config,
    student ? { studentRun: folderOf(student.name) } : ofStudent(run.config.recipe),
  );

  const folder = new RunFolder(folderOf(run.name));
  const recorded = recordedResult(folder);
  if (recorded) return recorded;
  say(`Evaluating ${folder.folder}`);
  const { data, weights } = options;
  await evaluateApart([
    ...[folder.folder, '--result', folder.file('result.json'), '--preset', preset.name],
    ...(data === undefined ? [] : ['--data', data]),
    ...(weights === undefined ? [] : ['--weights', weights]),
  ]);
  return folder.readJson('result.json') as ResultRecord;
}
