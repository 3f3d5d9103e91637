import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { completeRuns } from '../../src/cli/experiments/experiment-runs';
import { chooseImages } from '../../src/cli/inputs/images';
import { chooseTeacher } from '../../src/cli/inputs/teacher';
import type { PlannedRuns } from '../../src/lib/experiments/plan-runs';
import { baselineConfig } from '../../src/lib/training/config';
import { temporaryFolder } from '../data/temporary-folder';
import { childrenRunSource } from './run-stfpm';
import { writeTinyDataset } from './tiny-dataset';

describe('completeRuns', function () {
  this.timeout(120_000);
  const { path } = temporaryFolder();
  childrenRunSource();

  it('goes on from the shorter run of a row to the numbers of a training of its own', async () => {
    const data = await writeTinyDataset(path('data'));
    const images = await chooseImages({ category: 'dots', data });
    const teacher = chooseTeacher({ random: true });
    const of = (name: string, epochs: number) => ({
      name,
      config: baselineConfig({ category: 'dots', imageSize: 64, batchSize: 2, epochs }),
    });
    const shorter = of('two-epochs', 2);
    const completed = (run: PlannedRuns['run'], before: PlannedRuns['shorter']) => {
      const preset = {
        name: 'row',
        title: 'row',
        category: 'dots',
        experiment: { recipe: 'baseline', settings: {} },
      } as const;
      const planned = { preset, seed: 0, preTraining: null, student: null, shorter: before, run };
      return completeRuns(planned, path('runs'), images, teacher, { again: 'the test', data });
    };
    const alone = await completed(of('alone', 4), null);
    const first = await completed(shorter, null);
    const after = await completed(of('after', 4), shorter);
    teacher.teacher.store.dispose();
    assert.deepEqual(after.metrics, alone.metrics);
    const model = (name: string) => fs.readFileSync(path('runs', name, 'model.safetensors'));
    assert.deepEqual(model('after'), model('alone'));
    assert.notDeepEqual(model('after'), model('two-epochs'));
    assert.deepEqual(after.loss.slice(0, 2), first.loss);
    assert.deepEqual(fs.readdirSync(path('runs')).sort(), ['after', 'alone', 'two-epochs']);
  });
});
