import assert from 'node:assert/strict';
import runtimeEnvironment from '../../environment/runtime-environment.cjs';

const { completeEnvironment } = runtimeEnvironment;

describe('completeEnvironment', () => {
  it('sets what is not set, and tells that a process has to be started with it', () => {
    /** @type {NodeJS.ProcessEnv} */
    const env = { A: 'mine' };
    assert.equal(completeEnvironment(env, { A: 'ours', B: 'ours' }), true);
    assert.deepEqual(env, { A: 'mine', B: 'ours' });
  });

  it('changes nothing where everything is set, even to nothing', () => {
    /** @type {NodeJS.ProcessEnv} */
    const env = { A: '' };
    assert.equal(completeEnvironment(env, { A: 'ours' }), false);
    assert.deepEqual(env, { A: '' });
  });
});
