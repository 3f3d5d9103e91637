import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { changedSince, hashFiles, readStamp, writeStamp } from '../../environment/setup/stamp.mjs';
import { temporaryFolder } from './temporary-folder.mjs';

describe('a stamp', () => {
  const folder = temporaryFolder();

  it('is read as it was written, in a folder that is made for it', () => {
    const file = path.join(folder(), 'new', 'stamp.json');
    writeStamp(file, { python: '3.11', requirements: 'abc' });
    assert.deepEqual(readStamp(file), { python: '3.11', requirements: 'abc' });
    assert.deepEqual(fs.readdirSync(path.dirname(file)), ['stamp.json']);
  });

  it('counts as missing where it is absent, cut off or no object', () => {
    const file = path.join(folder(), 'stamp.json');
    assert.equal(readStamp(file), null);
    for (const content of ['', '{"python": "3.1', '"text"', 'null']) {
      fs.writeFileSync(file, content);
      assert.equal(readStamp(file), null, content);
    }
  });

  it('names what has changed since, and everything where there is none', () => {
    const wanted = { python: '3.12', requirements: 'abc' };
    assert.deepEqual(changedSince({ python: '3.12', requirements: 'abc' }, wanted), []);
    assert.deepEqual(changedSince({ python: '3.11', requirements: 'abc' }, wanted), ['python']);
    assert.deepEqual(changedSince({ python: '3.12' }, wanted), ['requirements']);
    assert.deepEqual(changedSince(null, wanted), ['python', 'requirements']);
  });
});

describe('hashFiles', () => {
  const folder = temporaryFolder();

  it('depends on the contents, their order and where one ends', () => {
    const write = (/** @type {string} */ name, /** @type {string} */ text) => {
      const file = path.join(folder(), name);
      fs.writeFileSync(file, text);
      return file;
    };
    const [a, b, c, d] = [write('a', 'xy'), write('b', 'z'), write('c', 'x'), write('d', 'yz')];
    const hashes = [hashFiles(a, b), hashFiles(b, a), hashFiles(c, d), hashFiles(a)];
    assert.equal(new Set(hashes).size, 4);
    assert.equal(hashFiles(a, b), hashes[0]);
  });
});
