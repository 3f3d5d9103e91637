import assert from 'node:assert/strict';
import { differingPackages } from '../../environment/steps/node-packages.mjs';

describe('differingPackages', () => {
  const locked = {
    packages: {
      '': { version: '0.1.0' },
      'node_modules/a': { version: '1.0.0' },
      'node_modules/a/node_modules/b': { version: '2.0.0' },
      'node_modules/other-platform': { version: '3.0.0', optional: true },
    },
  };

  it('finds none where what is installed is what is locked, optional packages aside', () => {
    const installed = {
      packages: {
        'node_modules/a': { version: '1.0.0' },
        'node_modules/a/node_modules/b': { version: '2.0.0' },
      },
    };
    assert.deepEqual(differingPackages(locked, installed), []);
  });

  it('finds the missing, the outdated, and optional ones of another version', () => {
    const installed = {
      packages: {
        'node_modules/a': { version: '0.9.0' },
        'node_modules/other-platform': { version: '3.0.1', optional: true },
      },
    };
    assert.deepEqual(differingPackages(locked, installed), Object.keys(locked.packages).slice(1));
  });
});
