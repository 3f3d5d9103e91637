import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { useTemporaryFolder } from '../weights/temporary-folder';
import { WRITERS } from './writers';

/** Runs a program for which the disk is full after 4 KiB of each file; its last line is JSON. */
function runOnFullDisk(program: string, ...args: string[]): unknown {
  const { stdout, stderr } = spawnSync(
    'bash',
    [
      '-c',
      'ulimit -f 4; exec "$@"',
      'bash',
      process.execPath,
      '-r',
      './test/register.cjs',
      '-e',
      program,
      '--',
      ...args,
    ],
    // Otherwise tsx would keep what it compiled, in files cut short.
    { encoding: 'utf8', env: { ...process.env, TSX_DISABLE_CACHE: '1' } },
  );
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout.trimEnd().split('\n').pop() ?? '');
}

const required = (file: string) => `require(${JSON.stringify(path.resolve(file))})`;

describe('on a full disk', () => {
  const inFolder = useTemporaryFolder();

  it('each writer fails with the name of its file, and the old one is whole', async () => {
    const names = Object.keys(WRITERS);
    for (const name of names) {
      fs.writeFileSync(inFolder(name), 'old');
      await WRITERS[name](inFolder(name));
      assert.ok(fs.statSync(inFolder(name)).size > 4096, `${name} is too small to show anything`);
      fs.writeFileSync(inFolder(name), 'old');
    }
    const program = `
      const path = require('node:path');
      const { WRITERS } = ${required('test/files/writers.ts')};
      (async () => {
        const errors = {};
        for (const [name, write] of Object.entries(WRITERS)) {
          try {
            await write(path.join(process.argv[1], name));
          } catch (error) {
            errors[name] = error.message;
          }
        }
        console.log(JSON.stringify(errors));
      })();`;
    const errors = runOnFullDisk(program, inFolder('')) as Record<string, string>;
    const seen = Object.fromEntries(
      names.map((name) => [
        name,
        [errors[name], fs.readFileSync(inFolder(name), 'latin1').slice(0, 20)],
      ]),
    );
    const expected = Object.fromEntries(
      names.map((name) => [
        name,
        [`${inFolder(name)}: could not be written: EFBIG: file too large, write`, 'old'],
      ]),
    );
    assert.deepEqual(seen, expected);
    assert.deepEqual(fs.readdirSync(inFolder('')).sort(), names.sort());
  });

  it("the teacher's features tell where there was no room for them", () => {
    const program = `
      const { tf } = ${required('src/lib/engine/index.ts')};
      const { FileFeatures } = ${required('src/lib/training/features.ts')};
      const store = new FileFeatures([[32, 32, 64]], process.argv[1], 1);
      try {
        store.add([tf.zeros([1, 32, 32, 64])]);
      } catch (error) {
        console.log(JSON.stringify(error.message));
      }`;
    assert.equal(
      runOnFullDisk(program, inFolder('')),
      `${inFolder('')}: the teacher's features could not be written: EFBIG: file too large, write`,
    );
  });
});
