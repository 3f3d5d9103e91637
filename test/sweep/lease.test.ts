import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { takeLease } from '../../src/lib/sweep/lease';
import { temporaryFolder } from '../data/temporary-folder';

const QUICK = { beat: 20, stale: 400 };

describe('a lease', () => {
  const folder = temporaryFolder();

  it('is refused while its holder is alive, and free after it', async () => {
    const file = folder.path('a');
    const lease = await takeLease(file, 'runs a sweep', QUICK);
    await assert.rejects(takeLease(file, 'runs a sweep', QUICK), /process \d+ on .*runs a sweep/);
    lease.requireHeld();
    lease.release();
    (await takeLease(file, 'runs a sweep', QUICK)).release();
    assert.ok(!fs.existsSync(file));
  });

  it('is taken over from a holder that says nothing any more, which then finds that out', async () => {
    const file = folder.path('b');
    const lost = await takeLease(file, 'x', { beat: 1e6, stale: 400 });
    const next = await takeLease(file, 'x', QUICK);
    assert.throws(() => lost.requireHeld(), /expected the lease of this process/);
    lost.release();
    next.requireHeld();
    next.release();
  });
});
