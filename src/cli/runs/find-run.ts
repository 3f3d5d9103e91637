import * as fs from 'fs';
import * as path from 'path';
import { methodOf } from '../../lib/methods/index';
import { requireDetectorRun } from '../../lib/runs/open-run';
import { RunFolder } from '../../lib/training/run-folder';
import { UsageError } from '../options';

/** Where `stfpm train` puts its runs. */
const RUNS = 'runs';

/** Folders with a model below `runs/`, the one written last first. */
export function runsHere(): string[] {
  if (!fs.existsSync(RUNS)) return [];
  return fs
    .readdirSync(RUNS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => path.join(RUNS, name))
    .map((folder) => ({ folder, model: path.join(folder, 'model.safetensors') }))
    .flatMap(({ folder, model }) => {
      const stat = fs.statSync(model, { throwIfNoEntry: false });
      return stat ? [{ folder, time: stat.mtimeMs }] : [];
    })
    .sort((a, b) => b.time - a.time)
    .map(({ folder }) => folder);
}

/**
 * Before anything is computed: that a run's method has the maps that an option asks for.
 *
 * @throws UsageError that names the option
 */
export function requireMaps(folder: string, option: string): void {
  const { hasMaps, title } = methodOf(requireDetectorRun(requireRun(folder)).config);
  if (hasMaps) return;
  throw new UsageError(`${option}: ${folder} is of ${title}, which judges whole images: no maps.`);
}

/**
 * A run with a model.
 *
 * @throws Error saying what is there instead, and which runs there are
 */
export function requireRun(folder: string): RunFolder {
  const run = new RunFolder(folder);
  if (run.exists && fs.existsSync(run.file('model.safetensors'))) return run;
  const found = run.exists
    ? 'a run whose first epoch is not complete, so that there is no model yet'
    : fs.existsSync(folder)
      ? 'no config.json in it'
      : 'no such folder';
  const others = runsHere();
  const advice =
    others.length > 0
      ? ` Runs with a model here: ${others.slice(0, 8).join(', ')}.`
      : ' `stfpm train` makes one.';
  throw new Error(`${folder}: expected the folder of a training run, found ${found}.${advice}`);
}
