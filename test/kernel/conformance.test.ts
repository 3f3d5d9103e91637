import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { python, root } from './driven-kernel';

describe('the kernel under the public conformance suite', () => {
  it('passes every test that applies to it', () => {
    const suite = path.join(__dirname, 'conformance.py');
    const run = spawnSync(python, ['-I', suite], { cwd: root, encoding: 'utf8' });
    assert.equal(run.status, 0, run.stderr);
    // Skipped: the pager, which notebooks do not have.
    assert.match(run.stderr, /Ran 12 tests .*\n\nOK \(skipped=1\)/);
  });
});
