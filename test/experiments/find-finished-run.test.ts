import assert from 'node:assert/strict';
import * as path from 'node:path';
import { findFinishedRun } from '../../src/lib/experiments/find-finished-run';
import type { WantedRun } from '../../src/lib/experiments/find-finished-run';
import { methodConfig } from '../../src/lib/methods/index';
import { baselineConfig } from '../../src/lib/training/config';
import { RunFolder } from '../../src/lib/training/run-folder';
import { temporaryFolder } from '../data/temporary-folder';

const wanted: WantedRun = {
  config: baselineConfig({ category: 'bottle', epochs: 2 }),
  dataset: { root: 'images', train: [] },
  teacher: { kind: 'random', name: 'random', seed: 1 },
};

function writeRun(folder: string, { config, dataset, teacher }: WantedRun, isFinished = true) {
  const run = new RunFolder(folder);
  run.writeJson('config.json', {
    config,
    dataset: { root: dataset.root, trainImages: dataset.train.length },
    teacher,
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
