import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { findFinishedRun } from '../../src/lib/experiments/find-finished-run';
import type { WantedRun } from '../../src/lib/experiments/find-finished-run';
import { sha256Of } from '../../src/lib/files/sha256';
import { methodConfig } from '../../src/lib/methods/index';
import { baselineConfig } from '../../src/lib/training/config';
import { RunFolder } from '../../src/lib/training/run-folder';
import { temporaryFolder } from '../data/temporary-folder';

const wanted: WantedRun = {
  config: baselineConfig({ category: 'bottle', epochs: 2 }),
  dataset: { root: 'images', train: [] },
  teacher: { kind: 'random', name: 'random', seed: 1 },
};

function writeRun(
  folder: string,
  { config, dataset, teacher, studentRun }: WantedRun,
  isFinished = true,
) {
  const file = studentRun && path.join(studentRun, 'model.safetensors');
  const run = new RunFolder(folder);
  run.writeJson('config.json', {
    config,
    dataset: { root: dataset.root, trainImages: dataset.train.length },
    teacher,
    ...(file && { student: { file, sha256: sha256Of(file) } }),
  });
  if (isFinished) run.writeJson('summary.json', {});
}

describe('findFinishedRun', () => {
  const { path: inFolder } = temporaryFolder();
  let folders = 0;
  const emptyFolder = () => inFolder(`runs-${folders++}`);

  it('finds a finished run with the same settings, whatever its name', () => {
    const runs = emptyFolder();
    writeRun(path.join(runs, 'b'), wanted);
    writeRun(path.join(runs, 'a'), { ...wanted, config: { ...wanted.config, seed: 7 } });
    assert.equal(findFinishedRun(runs, wanted), path.join(runs, 'b'));
  });

  it('takes no run that is unfinished or differs in settings, images or teacher', () => {
    const runs = emptyFolder();
    writeRun(path.join(runs, 'unfinished'), wanted, false);
    writeRun(path.join(runs, 'epochs'), {
      ...wanted,
      config: baselineConfig({ category: 'bottle', epochs: 3 }),
    });
    writeRun(path.join(runs, 'images'), { ...wanted, dataset: { root: 'others', train: [] } });
    writeRun(path.join(runs, 'teacher'), { ...wanted, teacher: { ...wanted.teacher, seed: 2 } });
    new RunFolder(path.join(runs, 'damaged')).writeJson('summary.json', {});
    assert.equal(findFinishedRun(runs, wanted), null);
  });

  it('does not mind when another run would have given up', () => {
    const runs = emptyFolder();
    const config = baselineConfig({ category: 'bottle', epochs: 2, divergenceFactor: 1000 });
    writeRun(path.join(runs, 'a'), { ...wanted, config });
    assert.equal(findFinishedRun(runs, wanted), path.join(runs, 'a'));
  });

  it('takes no run of another student, and knows that of the one that is named', () => {
    const runs = emptyFolder();
    const config = methodConfig({ recipe: 'fusion', category: 'bottle', epochs: 0 });
    const students = ['one', 'other'].map((name) => {
      const folder = inFolder(`student-${name}`);
      fs.mkdirSync(folder, { recursive: true });
      fs.writeFileSync(path.join(folder, 'model.safetensors'), name);
      return folder;
    });
    writeRun(path.join(runs, 'a'), { ...wanted, config, studentRun: students[0] });
    const find = (studentRun?: string) => findFinishedRun(runs, { ...wanted, config, studentRun });
    assert.equal(find(students[0]), path.join(runs, 'a'));
    assert.equal(find(students[1]), null);
    assert.equal(find(), null);
  });

  it('does not ask for the teacher of a method that uses none', () => {
    const runs = emptyFolder();
    const config = methodConfig({ recipe: 'vae', category: 'bottle' });
    writeRun(path.join(runs, 'a'), { ...wanted, config, teacher: { kind: 'none', name: 'none' } });
    assert.equal(findFinishedRun(runs, { ...wanted, config }), path.join(runs, 'a'));
  });

  it('finds runs of methods that never give up', () => {
    const runs = emptyFolder();
    const config = methodConfig({ recipe: 'patchcore', category: 'bottle' });
    writeRun(path.join(runs, 'a'), { ...wanted, config: { ...config, seed: 1 } });
    writeRun(path.join(runs, 'b'), { ...wanted, config });
    assert.equal(findFinishedRun(runs, { ...wanted, config }), path.join(runs, 'b'));
  });

  it('finds nothing where no run was ever made', () => {
    assert.equal(findFinishedRun(path.join(emptyFolder(), 'runs'), wanted), null);
  });
});
