import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from '../../environment/setup/lock.mjs';
import { temporaryFolder } from './temporary-folder.mjs';

const neverWaits = () => assert.fail('it waited');

describe('withLock', () => {
  const folder = temporaryFolder();
  const lock = () => path.join(folder(), 'deep', 'lock');

  it('holds the lock while the work is done and gives its result', async () => {
    const result = await withLock(
      lock(),
      async () => Number(fs.readFileSync(lock(), 'utf8')),
      neverWaits,
    );
    assert.equal(result, process.pid);
    assert.deepEqual(fs.readdirSync(path.dirname(lock())), []);
  });

  it('lets go of it when the work fails', async () => {
    const work = async () => {
      throw new Error('no room');
    };
    await assert.rejects(withLock(lock(), work, neverWaits), /no room/);
    assert.equal(fs.existsSync(lock()), false);
  });

  it('takes over a lock that a process left that is gone', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    fs.mkdirSync(path.dirname(lock()));
    fs.writeFileSync(lock(), String(pid));
    assert.equal(await withLock(lock(), async () => 'done', neverWaits), 'done');
  });

  it('waits for a process that is at work, and says once for which', async () => {
    fs.mkdirSync(path.dirname(lock()));
    fs.writeFileSync(lock(), String(process.ppid));
    /** @type {number[]} */
    const waitedFor = [];
    let done = false;
    const waiting = withLock(
      lock(),
      async () => {
        done = true;
      },
      (owner) => waitedFor.push(owner),
    );
    await sleep(700);
    assert.equal(done, false);
    fs.rmSync(lock());
    await waiting;
    assert.deepEqual(waitedFor, [process.ppid]);
    assert.equal(done, true);
  });
});
