import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as path from 'node:path';
import { Interrupted, interruptible } from '../../src/cli/terminal/interruption';

/** Work that does not stop when it is asked to. */
const STUBBORN = `
  const { interruptible } = require(${JSON.stringify(path.resolve('src/cli/terminal/interruption.ts'))});
  void interruptible(
    () => new Promise(() => { setInterval(() => {}, 1000); console.log('working'); }),
    () => console.log('asked to stop'),
  );`;

/** Work that, when it is asked to stop, computes for as long as it likes. */
const BUSY = `
  const { interruptible } = require(${JSON.stringify(path.resolve('src/cli/terminal/interruption.ts'))});
  void interruptible(
    () => new Promise(() => { setInterval(() => {}, 1000); console.log('working'); }),
    () => { console.log('asked to stop'); setTimeout(() => { for (;;); }, 700); },
  );`;

/** Work on a thread of the pool that never ends, which process.exit would wait for. */
const READING = `
  const { interruptible } = require(${JSON.stringify(path.resolve('src/cli/terminal/interruption.ts'))});
  const crypto = require('node:crypto');
  void interruptible(
    () => new Promise(() => { crypto.pbkdf2('a', 'b', 2 ** 31 - 1, 64, 'sha512', () => {}); console.log('working'); }),
    () => console.log('asked to stop'),
  );`;

describe('interruptible', () => {
  it('gives the result, and takes its handlers away', async () => {
    const before = process.listenerCount('SIGINT');
    const during: number[] = [];
    const result = await interruptible(async (signal) => {
      during.push(process.listenerCount('SIGINT'));
      return signal.aborted;
    });
    assert.equal(result, false);
    assert.deepEqual(during, [before + 1]);
    assert.equal(process.listenerCount('SIGINT'), before);
  });

  for (const [name, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    it(`aborts the work at the first ${name}, with the exit code as the reason`, async () => {
      await assert.rejects(
        interruptible(async (signal) => {
          process.kill(process.pid, name);
          await once(signal, 'abort');
          throw signal.reason;
        }),
        (error) => error instanceof Interrupted && error.exitCode === code,
      );
    });
  }

  /** Sends Ctrl-C again and again to work that does not stop, and gives the signal that ended it. */
  async function impatient(work: string, every: number): Promise<string> {
    const child = spawn(process.execPath, ['-r', require.resolve('../register.cjs'), '-e', work], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (chunk) => (said += chunk));
    while (!said.includes('working')) await once(child.stdout, 'data');
    const impatience = setInterval(() => child.kill('SIGINT'), every);
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    clearInterval(impatience);
    assert.equal(said, 'working\nasked to stop\n');
    // A shell calls this 130.
    return `${code} ${signal}`;
  }

  it('ends the process at a later one, if the work does not stop', async () => {
    assert.equal(await impatient(STUBBORN, 200), 'null SIGINT');
  });

  it('ends it even while it computes, or waits for a thread that reads', async () => {
    assert.equal(await impatient(BUSY, 400), 'null SIGINT');
    assert.equal(await impatient(READING, 400), 'null SIGINT');
  });
});
