import assert from 'node:assert/strict';
import { CLEAR_HOOK, clearOutput } from '../../../src/viz/notebook/clear-output';

describe('clearOutput', () => {
  const scope = globalThis as { [CLEAR_HOOK]?: unknown };
  afterEach(() => delete scope[CLEAR_HOOK]);

  it('asks the kernel to wait for the next output unless told otherwise', () => {
    const asked: unknown[] = [];
    scope[CLEAR_HOOK] = (wait: unknown) => void asked.push(wait);
    clearOutput();
    clearOutput({ wait: false });
    assert.deepEqual(asked, [true, false]);
  });

  it('does nothing outside of a notebook', () => {
    assert.equal(scope[CLEAR_HOOK], undefined);
    clearOutput();
  });
});
