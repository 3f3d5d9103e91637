import assert from 'node:assert/strict';
import nodeVersion from '../../environment/node-version.cjs';

const { nodeVersionProblem } = nodeVersion;

describe('nodeVersionProblem', () => {
  it('accepts the oldest version of Node that the lab runs on, and newer ones', () => {
    for (const version of ['v20.9.0', 'v20.20.2', 'v22.0.0', 'v24.21.0', 'v100.1.0']) {
      assert.equal(nodeVersionProblem(version), null, version);
    }
  });

  it('names the version that is too old and the one that is needed', () => {
    for (const version of ['v20.8.1', 'v18.20.4', 'v12.22.12', 'v9.9.9']) {
      const problem = nodeVersionProblem(version) ?? '';
      assert.ok(problem.includes(`this is ${version}`), problem);
      assert.ok(problem.includes('20.9 or later'), problem);
    }
  });
});
