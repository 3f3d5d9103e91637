import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { openEventWriter } from '../../src/lib/engine/index';
import { readEventFile } from '../training/event-file';
import { useTemporaryFolder } from '../weights/temporary-folder';
import { tensorCount } from './tensor-count';

describe('openEventWriter', () => {
  const inFolder = useTemporaryFolder();

  it('writes scalars over steps into a folder that it makes', () => {
    const folder = inFolder('a/b');
    const writer = openEventWriter(folder);
    writer.scalar('loss', 0.5, 1);
    writer.scalar('loss', 0.25, 1000);
    writer.flush();
    const expected = [
      { tag: 'loss', value: 0.5, step: 1 },
      { tag: 'loss', value: 0.25, step: 1000 },
    ];
    assert.deepEqual(readEventFile(folder), expected);
    writer.close();
    assert.deepEqual(readEventFile(folder), expected);
  });

  it('starts a new file in a folder that was emptied meanwhile', () => {
    const folder = inFolder('run');
    for (const value of [1, 2]) {
      const writer = openEventWriter(folder);
      writer.scalar('loss', value, 1);
      writer.close();
      assert.deepEqual(readEventFile(folder), [{ tag: 'loss', value, step: 1 }]);
      rmSync(folder, { recursive: true });
    }
  });

  it('leaves no tensor behind', () => {
    const before = tensorCount();
    const writer = openEventWriter(inFolder('run'));
    writer.scalar('loss', 1, 1);
    writer.close();
    assert.deepEqual(tensorCount(), before);
  });
});
