import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { acquireLock, withLock } from '../../src/lib/files/process-lock';
import { startOf } from '../../src/lib/files/process-identity';
import { useTemporaryFolder } from '../weights/temporary-folder';

const MODULE = path.resolve('src/lib/files/process-lock.js');
const OWN = `${process.pid} ${startOf(process.pid)}`;
const PARENT = `${process.ppid} ${startOf(process.ppid)}`;

/** The number of a process that has ended. */
const deadProcess = () => spawnSync(process.execPath, ['-e', '']).pid;

describe('a lock file', () => {
  const inFolder = useTemporaryFolder();
  const lock = () => inFolder('deep/lock');
  const content = () => fs.readFileSync(lock(), 'utf8');
  const names = () => fs.readdirSync(path.dirname(lock()));
  const acquire = () => acquireLock(lock(), 'is training in this folder');

  function leave(text: string) {
    fs.mkdirSync(path.dirname(lock()), { recursive: true });
    fs.writeFileSync(lock(), text);
  }

  it('makes its folder, tells its process, refuses a second holder and is removed', () => {
    const { release, isHeld } = acquire();
    assert.equal(content(), OWN);
    assert.deepEqual(names(), ['lock']);
    assert.ok(isHeld());
    assert.throws(acquire, {
      message:
        `${lock()}: process ${process.pid} is training in this folder; wait for it, or delete ` +
        'this lock file if that process is doing something else.',
    });
    release();
    assert.deepEqual(names(), []);
    assert.ok(!isHeld());
    acquire().release();
  });

  it('refuses while another process holds it, also one that wrote no start', () => {
    for (const text of [PARENT, `${process.ppid}`]) {
      leave(text);
      assert.throws(acquire, new RegExp(`lock: process ${process.ppid} is training`));
      assert.equal(content(), text);
      assert.deepEqual(names(), ['lock']);
    }
  });

  const stale: [what: string, content: () => string][] = [
    ['is of a process that is gone', () => `${deadProcess()} 1`],
    ['is of a process that is gone and wrote no start', () => `${deadProcess()}`],
    ['is of a process whose number now is of another', () => `${process.ppid} 1`],
    ['is of an earlier process with the number of this one', () => `${process.pid} 1`],
    ['is of one with the number of this one that wrote no start', () => `${process.pid}`],
    ['is empty', () => ''],
    ['holds no number', () => 'no number'],
    ['holds a number that is no process', () => '0'],
  ];
  for (const [what, text] of stale) {
    it(`is taken over when it ${what}`, () => {
      leave(text());
      const { release } = acquire();
      assert.equal(content(), OWN);
      assert.deepEqual(names(), ['lock']);
      release();
      assert.deepEqual(names(), []);
    });
  }

  it('is taken over when its process has ended and nobody has asked how', async () => {
    // The shell's child ends; the program that the shell becomes never asks for its exit status.
    const script = 'sleep 0 & echo $!; exec sleep 60';
    const parent = spawn('bash', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      const [chunk] = (await once(parent.stdout, 'data')) as [Buffer];
      const pid = Number(chunk.toString());
      await sleep(300);
      assert.doesNotThrow(() => process.kill(pid, 0));
      leave(`${pid}`);
      acquire().release();
    } finally {
      parent.kill('SIGKILL');
    }
  });

  it('is taken over when a process died while it took it over', () => {
    leave('');
    fs.writeFileSync(`${lock()}.takeover`, `${deadProcess()} 1`);
    fs.writeFileSync(`${lock()}.takeover.takeover`, '');
    fs.writeFileSync(inFolder(`deep/.lock.${deadProcess()}-01234567.tmp`), '');
    acquire().release();
    assert.deepEqual(names(), []);
  });

  it('says what is there when that is no file', () => {
    fs.mkdirSync(lock(), { recursive: true });
    assert.throws(acquire, {
      message: `${lock()}: expected a lock file or nothing, found a folder; remove it.`,
    });
    assert.deepEqual(names(), ['lock']);
    fs.rmdirSync(lock());
    fs.symlinkSync('nowhere', lock());
    assert.throws(acquire, /found something else; remove it/);
  });

  it('is not held any more, and not removed, once it is gone or of another process', () => {
    const { isHeld, release } = acquire();
    fs.rmSync(path.dirname(lock()), { recursive: true });
    assert.ok(!isHeld());
    leave(PARENT);
    assert.ok(!isHeld());
    release();
    assert.equal(content(), PARENT);
  });

  it('is removed at the end of the process, and left by one that is killed', () => {
    const program = (end: string) =>
      `require(${JSON.stringify(MODULE)}).acquireLock(process.argv[1], ''); ${end}`;
    const run = (end: string) => spawnSync(process.execPath, ['-e', program(end), lock()]).pid;
    run('process.exit(1)');
    assert.deepEqual(names(), []);
    const killed = run(`process.kill(process.pid, 'SIGKILL')`);
    assert.match(content(), new RegExp(`^${killed} `));
    acquire().release();
  });

  it('has one holder at most, however many take stale locks over at once', async () => {
    const [counter, inside] = [inFolder('counter'), inFolder('inside')];
    fs.writeFileSync(counter, '0');
    const [children, rounds] = [3, 80];
    // Every second time the holder leaves the lock as a process does that is killed.
    const program = `
      const fs = require('node:fs');
      const { acquireLock } = require(${JSON.stringify(MODULE)});
      const [file, counter, inside, dead] = process.argv.slice(1);
      for (let done = 0; done < ${rounds};) {
        let lock;
        try {
          lock = acquireLock(file, 'holds it');
        } catch (error) {
          if (!/ holds it; /.test(error.message)) throw error;
          continue;
        }
        fs.closeSync(fs.openSync(inside, 'wx'));
        fs.writeFileSync(counter, String(Number(fs.readFileSync(counter, 'utf8')) + 1));
        fs.unlinkSync(inside);
        done++;
        if (done % 2 === 0) {
          const stale = file + process.pid;
          fs.writeFileSync(stale, done % 4 === 0 ? '' : dead + ' 1');
          fs.renameSync(stale, file);
        }
        lock.release();
      }`;
    const dead = `${deadProcess()}`;
    leave('');
    const ended = Array.from({ length: children }, async () => {
      const child = spawn(process.execPath, ['-e', program, lock(), counter, inside, dead]);
      let errors = '';
      child.stderr.on('data', (chunk) => (errors += chunk));
      const [code] = (await once(child, 'close')) as [number];
      assert.equal(code, 0, errors);
    });
    await Promise.all(ended);
    assert.equal(Number(fs.readFileSync(counter, 'utf8')), children * rounds);
  });
});

describe('withLock', () => {
  const inFolder = useTemporaryFolder();
  const lock = () => inFolder('deep/lock');
  const neverWaits = () => assert.fail('it waited');

  it('holds the lock while the work is done and gives its result', async () => {
    const work = () => Promise.resolve(fs.readFileSync(lock(), 'utf8'));
    assert.equal(await withLock(lock(), work, neverWaits), OWN);
    assert.deepEqual(fs.readdirSync(path.dirname(lock())), []);
  });

  it('lets go of it when the work fails', async () => {
    const work = () => Promise.reject(new Error('no room'));
    await assert.rejects(withLock(lock(), work, neverWaits), /no room/);
    assert.equal(fs.existsSync(lock()), false);
  });

  it('waits for a process that is at work, and says once for which', async () => {
    fs.mkdirSync(path.dirname(lock()));
    fs.writeFileSync(lock(), PARENT);
    const waitedFor: number[] = [];
    let done = false;
    const work = () => Promise.resolve((done = true));
    const waiting = withLock(lock(), work, (owner) => waitedFor.push(owner));
    await sleep(700);
    assert.equal(done, false);
    fs.rmSync(lock());
    await waiting;
    assert.deepEqual(waitedFor, [process.ppid]);
    assert.equal(done, true);
  });
});
