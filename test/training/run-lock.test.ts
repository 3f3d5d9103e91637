import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { lockRun } from '../../src/lib/training/run-lock';
import { useTemporaryFolder } from '../weights/temporary-folder';

describe('lockRun', () => {
  const inFolder = useTemporaryFolder();
  const lockOf = (folder: string) => path.join(folder, 'lock');

  it('makes the folder, holds it for this process and gives it back', () => {
    const folder = inFolder('deep/run');
    const unlock = lockRun(folder);
    assert.equal(readFileSync(lockOf(folder), 'utf8'), String(process.pid));
    assert.throws(
      () => lockRun(folder),
      new RegExp(`deep.run: process ${process.pid} is training in this run folder`),
    );
    unlock();
    assert.ok(!existsSync(lockOf(folder)));
    lockRun(folder)();
  });

  it('refuses a folder in which another process is at work', () => {
    const folder = inFolder('');
    writeFileSync(lockOf(folder), String(process.ppid));
    assert.throws(() => lockRun(folder), new RegExp(`process ${process.ppid} is training`));
    assert.equal(readFileSync(lockOf(folder), 'utf8'), String(process.ppid));
  });

  it('takes over from a process that is gone, or that had the id which is now this one', () => {
    const folder = inFolder('');
    const gone = spawnSync(process.execPath, ['--version']).pid;
    for (const content of [String(gone), String(process.pid), '', 'no number']) {
      writeFileSync(lockOf(folder), content);
      const unlock = lockRun(folder);
      assert.equal(readFileSync(lockOf(folder), 'utf8'), String(process.pid));
      unlock();
    }
  });
});
