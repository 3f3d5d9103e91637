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

  it('ends the process at a later one, if the work does not stop', async () => {
    const child = spawn(
      process.execPath,
      ['-r', require.resolve('../register.cjs'), '-e', STUBBORN],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let said = '';
    child.stdout.on('data', (chunk) => (said += chunk));
    while (!said.includes('working')) await once(child.stdout, 'data');
    const impatience = setInterval(() => child.kill('SIGINT'), 200);
    const [code] = (await once(child, 'close')) as [number];
    clearInterval(impatience);
    assert.equal(code, 130);
    assert.equal(said, 'working\nasked to stop\n');
  });
});
