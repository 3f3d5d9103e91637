import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { SetupFailure } from './failure.mjs';
import { fromRoot, logFile, root } from './paths.mjs';

const linesShownOnFailure = 15;

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/**
 * Runs a command with its output in the set-up's log; rejects with a `SetupFailure` that names the
 * log and shows its last lines where the command fails.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ what: string, env?: NodeJS.ProcessEnv }} options `what`: the command in a few words,
 *   for the failure's message; `env`: variables to add to the environment
 * @returns {Promise<string>} what the command wrote to standard output
 */
export function runLogged(command, args, { what, env = {} }) {
  fs.mkdirSync(path.dirname(logFile), { recursive: true });
  fs.appendFileSync(logFile, `\n$ ${[command, ...args].join(' ')}\n`);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let stdout = '';
    let tail = '';
    const keep = (/** @type {Buffer} */ chunk) => {
      fs.appendFileSync(logFile, chunk);
      tail = (tail + chunk.toString()).slice(-8000);
    };
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
      keep(chunk);
    });
    child.stderr.on('data', keep);
    child.on('error', (error) => {
      running.delete(child);
      reject(new SetupFailure(`${what} could not start: ${error.message}`));
    });
    child.on('close', (code, signal) => {
      running.delete(child);
      if (code === 0) return resolve(stdout);
      const end = tail.trimEnd().split('\n').slice(-linesShownOnFailure).join('\n    ');
      const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
      reject(
        new SetupFailure(
          `${what} failed (${how}). The last lines of ${fromRoot(logFile)}:\n\n    ${end}\n`,
        ),
      );
    });
  });
}

const graceMilliseconds = 5000;

/** Ends what `runLogged` has running and waits for it, for a set-up that is itself being ended. */
export async function stopRunning() {
  await Promise.all(
    [...running].map(async (child) => {
      const closed = once(child, 'close');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMilliseconds);
      await closed;
      clearTimeout(timer);
    }),
  );
}
