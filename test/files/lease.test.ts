import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { takeLease } from '../../src/lib/files/lease';
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

  it('is waited for by who has patience', async () => {
    const file = folder.path('c');
    const lease = await takeLease(file, 'x', QUICK);
    const patience = new AbortController();
    const waiting = takeLease(file, 'x', { ...QUICK, patience: patience.signal });
    const weary = new AbortController();
    const refused = takeLease(file, 'x', { ...QUICK, patience: weary.signal });
    weary.abort(new Error('weary'));
    await assert.rejects(refused, /weary/);
    lease.requireHeld();
    lease.release();
    const next = await waiting;
    next.requireHeld();
    next.release();
  });
});
