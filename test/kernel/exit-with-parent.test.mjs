import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('exitWithParent', () => {
  it('ends a process that is busy for good when its parent has been killed', async () => {
    const module = new URL('../../environment/kernel/exit-with-parent.mjs', import.meta.url);
    const busy = `
      const { exitWithParent } = await import(${JSON.stringify(module.href)});
      exitWithParent();
      setTimeout(() => { for (;;); }, 300);`;
    const parent = `
      const child = require('child_process').spawn(
        process.execPath, ['--input-type=module', '-e', ${JSON.stringify(busy)}]);
      console.log(child.pid);
      setInterval(() => {}, 1000);`;
    const started = spawn(process.execPath, ['-e', parent], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = await once(started.stdout, 'data');
    const pid = Number(line);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.ok(isRunning(pid), 'it lives as long as its parent');
    started.kill('SIGKILL');
    for (let left = 100; left > 0 && isRunning(pid); left--) {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const outlived = isRunning(pid);
    if (outlived) process.kill(pid, 'SIGKILL');
    assert.ok(!outlived, 'it outlived its parent');
  });
});
