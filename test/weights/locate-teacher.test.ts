import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { locateTeacherWeights } from '../../src/lib/weights/locate-teacher';
import { useTemporaryFolder } from './temporary-folder';

describe('locateTeacherWeights', () => {
  const at = useTemporaryFolder();
  beforeEach(() => {
    for (const folder of ['cache', 'empty']) mkdirSync(at(folder));
    for (const file of ['named.pth', 'environment.pth', 'cache/resnet18-f37072fd.pth']) {
      writeFileSync(at(file), '');
    }
  });

  it('takes the file named, then the one of the environment, then the one in the cache', () => {
    const env = { RESNET18_WEIGHTS: at('environment.pth') };
    const cacheDir = at('cache');
    assert.deepEqual(locateTeacherWeights({ file: at('named.pth'), env, cacheDir }), {
      file: at('named.pth'),
      source: 'option',
    });
    assert.deepEqual(locateTeacherWeights({ env, cacheDir }), {
      file: at('environment.pth'),
      source: 'environment',
    });
    assert.deepEqual(locateTeacherWeights({ env: {}, cacheDir }), {
      file: at('cache/resnet18-f37072fd.pth'),
      source: 'cache',
    });
  });

  it('finds nothing where there is nothing', () => {
    assert.equal(locateTeacherWeights({ env: {}, cacheDir: at('empty') }), null);
    assert.equal(
      locateTeacherWeights({ env: { RESNET18_WEIGHTS: '' }, cacheDir: at('missing') }),
      null,
    );
  });

  it('gives absolute paths', () => {
    const file = path.relative(process.cwd(), at('named.pth'));
    assert.equal(locateTeacherWeights({ file, env: {} })?.file, at('named.pth'));
  });

  it('refuses a name without a file, saying where the name came from', () => {
    assert.throws(() => locateTeacherWeights({ file: at('missing'), env: {} }), {
      name: 'WeightFileError',
      message: `${at('missing')}: expected the teacher weights asked for, found no such file`,
    });
    assert.throws(
      () => locateTeacherWeights({ env: { RESNET18_WEIGHTS: at('cache') } }),
      /environment variable RESNET18_WEIGHTS names, found a folder/,
    );
  });
});
