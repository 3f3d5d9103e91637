import { Worker } from 'node:worker_threads';

const pollMilliseconds = 2000;

/**
 * Ends this process when the one that started it is gone, which then could not shut it down. A
 * thread of its own watches, since a cell may keep this one busy for good.
 */
export function exitWithParent() {
  const watch = `
    setInterval(() => {
      if (process.ppid !== ${process.ppid}) process.kill(process.pid, 'SIGKILL');
    }, ${pollMilliseconds});`;
  new Worker(watch, { eval: true }).unref();
}
