import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { evaluateApart } from '../../src/cli/runs/evaluate-apart';
import type { ResultRecord } from '../../src/cli/runs/result-record';
import { temporaryFolder } from '../data/temporary-folder';
import { childrenRunSource, stfpm } from './run-stfpm';
import { writeTinyDataset } from './tiny-dataset';

describe('evaluation in a process of its own', () => {
  const folder = temporaryFolder();
  childrenRunSource();

  it('does not count the memory of this one, and leaves a record with its preset', async () => {
    const data = await writeTinyDataset(folder.path('data'));
    const run = folder.path('run');
    const trained = await stfpm([
      ...['train', '--method', 'patchcore', '--data', data, '--category', 'dots', '--out', run],
      ...['--random-teacher', '--image-size', '64'],
    ]);
    assert.equal(trained.code, 0, trained.stderr);
    const ballast = Buffer.alloc(2 ** 30, 1);
    const result = folder.path('result.json');
    await evaluateApart([run, '--result', result, '--preset', 'a-row']);
    const record = JSON.parse(fs.readFileSync(result, 'utf8')) as ResultRecord;
    assert.equal(record.preset, 'a-row');
    assert.ok(record.peakMemoryBytes! < process.memoryUsage.rss());
    assert.equal(ballast.at(-1), 1);
  });

  it('fails where that fails', async () => {
    await assert.rejects(evaluateApart([folder.path('none')]), /none.*exit code 1/);
  });
});
