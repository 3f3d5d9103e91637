import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { readWeights } from '../../src/lib/weights/read-weights';
import { useTemporaryFolder } from './temporary-folder';
import { assertArrays, expectedArrays, fixture } from './weight-fixtures';

describe('readWeights', () => {
  const at = useTemporaryFolder();

  it('goes by what is in the file, not by its name', () => {
    copyFileSync(fixture('state-dict.pth'), at('a.safetensors'));
    copyFileSync(fixture('python.safetensors'), at('b.pth'));
    assertArrays(readWeights(at('a.safetensors')), expectedArrays('state-dict'));
    assert.equal(readWeights(at('b.pth')).size, 16);
  });
});
