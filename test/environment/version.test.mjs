import assert from 'node:assert/strict';
import { compareVersions, parseVersion } from '../../environment/setup/version.mjs';

describe('parseVersion', () => {
  it('finds the numbers of a version', () => {
    assert.deepEqual(parseVersion('v20.9.0'), [20, 9, 0]);
    assert.deepEqual(parseVersion('3.11'), [3, 11]);
    assert.deepEqual(parseVersion('Python 3.13.0rc1'), [3, 13, 0]);
  });

  it('finds none in other text', () => {
    assert.deepEqual(parseVersion('unknown'), []);
  });
});

describe('compareVersions', () => {
  it('compares the parts as numbers, not as text', () => {
    assert.ok(compareVersions('3.9', '3.10') < 0);
    assert.ok(compareVersions('3.13.1', '3.13') > 0);
    assert.ok(compareVersions('20.9.0', '9.20.9') > 0);
  });

  it('takes a missing part for zero', () => {
    assert.equal(compareVersions('3.11', '3.11.0'), 0);
  });
});
