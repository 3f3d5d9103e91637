import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';
import { writeFileAtomic } from '../../src/lib/files/atomic-write';
import { useTemporaryFolder } from '../weights/temporary-folder';

const MODULE = path.resolve('src/lib/files/atomic-write.js');

describe('writeFileAtomic', () => {
  const inFolder = useTemporaryFolder();
  const read = (file: string) => fs.readFileSync(file, 'utf8');

  it('writes text, bytes and bytes in parts, makes the folder, and leaves nothing else', () => {
    const file = inFolder('deep/er/file.txt');
    writeFileAtomic(file, 'größer\n');
    assert.equal(read(file), 'größer\n');
    writeFileAtomic(file, Uint8Array.of(104, 105));
    assert.equal(read(file), 'hi');
    const parts = new Set([Buffer.from('one, '), new Uint8Array(0), Buffer.from('two')]);
    writeFileAtomic(file, parts);
    assert.equal(read(file), 'one, two');
    writeFileAtomic(file, '');
    assert.equal(read(file), '');
    assert.deepEqual(fs.readdirSync(path.dirname(file)), ['file.txt']);
  });

  it('takes names as long as the file system does', () => {
    for (const name of [`${'ü'.repeat(125)}.png`, '😀'.repeat(63)]) {
      writeFileAtomic(inFolder(name), name);
      writeFileAtomic(inFolder(name), name);
      assert.equal(read(inFolder(name)), name);
    }
    assert.equal(fs.readdirSync(inFolder('')).length, 2);
  });

  it("keeps an older file's mode, and gives a new one the usual", () => {
    const file = inFolder('file');
    for (const mode of [0o600, 0o755, 0o444]) {
      fs.writeFileSync(file, '');
      fs.chmodSync(file, mode);
      writeFileAtomic(file, 'new');
      assert.equal(fs.statSync(file).mode & 0o777, mode);
      fs.rmSync(file);
    }
    writeFileAtomic(file, 'new');
    fs.writeFileSync(inFolder('usual'), '');
    assert.equal(fs.statSync(file).mode, fs.statSync(inFolder('usual')).mode);
  });

  it('writes the target of a symbolic link, also one that is not there yet, and keeps the link', () => {
    fs.mkdirSync(inFolder('elsewhere'));
    fs.symlinkSync('elsewhere', inFolder('folder'));
    fs.symlinkSync('../elsewhere/target', inFolder('elsewhere/link'));
    for (const content of ['first', 'second']) {
      writeFileAtomic(inFolder('folder/link'), content);
      assert.equal(read(inFolder('elsewhere/target')), content);
      assert.ok(fs.lstatSync(inFolder('elsewhere/link')).isSymbolicLink());
    }
    assert.deepEqual(fs.readdirSync(inFolder('elsewhere')).sort(), ['link', 'target']);
    fs.symlinkSync('loop', inFolder('loop'));
    assert.throws(() => writeFileAtomic(inFolder('loop'), ''), /loop: could not be written: ELOOP/);
  });

  it('refuses to replace what is no file, and names what it is', () => {
    fs.mkdirSync(inFolder('folder'));
    execFileSync('mkfifo', [inFolder('pipe')]);
    fs.symlinkSync('/dev/null', inFolder('null'));
    for (const [name, found] of [
      ['folder', 'a folder'],
      ['pipe', 'a named pipe'],
      ['null', 'a device'],
    ]) {
      assert.throws(() => writeFileAtomic(inFolder(name), 'x'), {
        message: `${inFolder(name)}: could not be written: expected a file to replace, found ${found}`,
      });
    }
    assert.ok(fs.statSync('/dev/null').isCharacterDevice());
    assert.deepEqual(fs.readdirSync(inFolder('')).sort(), ['folder', 'null', 'pipe']);
  });

  it('names the file when the folder cannot be made, and keeps the cause', () => {
    fs.writeFileSync(inFolder('file'), '');
    assert.throws(
      () => writeFileAtomic(inFolder('file/in/it'), ''),
      ({ message, code, cause }: NodeJS.ErrnoException) => {
        assert.ok(message.startsWith(`${inFolder('file/in/it')}: could not be written: ENOTDIR`));
        assert.equal(code, 'ENOTDIR');
        return cause instanceof Error;
      },
    );
  });

  it('leaves the old file and nothing else when the content fails half-way', () => {
    const file = inFolder('file');
    writeFileAtomic(file, 'old');
    const parts = function* () {
      yield Buffer.from('half');
      throw new Error('no more');
    };
    assert.throws(() => writeFileAtomic(file, parts()), /file: could not be written: no more/);
    assert.equal(read(file), 'old');
    assert.deepEqual(fs.readdirSync(inFolder('')), ['file']);
  });

  it('leaves the old file whole when killed, and the next call removes what was left', () => {
    const file = inFolder('file');
    writeFileAtomic(file, 'old');
    const program = `
      const { writeFileAtomic } = require(${JSON.stringify(MODULE)});
      const content = (function* () {
        yield Buffer.from('new');
        process.kill(process.pid, 'SIGKILL');
      })();
      writeFileAtomic(process.argv[1], content);`;
    const { signal, pid } = spawnSync(process.execPath, ['-e', program, file]);
    assert.equal(signal, 'SIGKILL');
    assert.equal(read(file), 'old');
    const [left, ...others] = fs.readdirSync(inFolder(''));
    assert.match(left, new RegExp(`^\\.file\\.${pid}-[0-9a-f]{8}\\.tmp$`));
    assert.deepEqual(others, ['file']);

    // What it must not touch: of a process that runs, of other files, and whatever is named otherwise.
    const kept = [
      `.file.${process.ppid}-00000000.tmp`,
      `.file.${process.pid}-00000000.tmp`,
      `.file2.${pid}-00000000.tmp`,
      `.file.${pid}-0.tmp`,
      'file.tmp',
    ];
    for (const name of kept) fs.writeFileSync(inFolder(name), '');
    // Of a process before this one that had its number.
    const before = inFolder(`.file.${process.pid}-11111111.tmp`);
    fs.writeFileSync(before, '');
    fs.utimesSync(before, new Date(0), new Date(0));
    writeFileAtomic(file, 'new');
    assert.equal(read(file), 'new');
    assert.deepEqual(fs.readdirSync(inFolder('')).sort(), [...kept, 'file'].sort());
  });

  it('shows readers the old content or the new, whoever else writes', () => {
    const file = inFolder('file');
    const program = `
      const { writeFileAtomic } = require(${JSON.stringify(MODULE)});
      const [file, letter] = process.argv.slice(1);
      for (let i = 0; i < 30; i++) writeFileAtomic(file, letter.repeat(200000));`;
    const children = ['a', 'b'].map((letter) => `"$0" -e "$1" "$2" ${letter} &`).join(' ');
    const script = `${children} for i in $(seq 40); do sort -u "$2" 2>&1 | cut -c1-3; wc -c < "$2"; done; wait`;
    writeFileAtomic(file, 'a'.repeat(200000));
    const { stdout } = spawnSync('bash', ['-c', script, process.execPath, program, file], {
      encoding: 'utf8',
    });
    assert.match(stdout, /^((aaa|bbb)\n200000\n){40}$/);
    assert.deepEqual(fs.readdirSync(inFolder('')), ['file']);
  });
});
