// Whether the process that left something behind, a lock or a temporary file, is still running.
// Plain JavaScript, since the set-up uses it before there is a compiler.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');

/**
 * When a process started, as its system reports it: together with the number, which is given again
 * to a later process, it names one process for as long as the machine is up.
 *
 * @param {number} pid
 * @returns {string | null} null where there is no such process or the system does not say
 */
function startOf(pid) {
  if (process.platform === 'linux') return statusOf(pid)?.start ?? null;
  if (process.platform === 'win32') return null;
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', `${pid}`], { encoding: 'utf8', env });
  return stdout?.trim() || null;
}

/**
 * @param {number} pid
 * @param {string | null} [start] what `startOf` returned for it; without it, any process of this number counts
 * @returns {boolean} whether it is still running; one that has ended and waits for its parent to ask
 *   how is not
 */
function isRunning(pid, start = null) {
  if (!exists(pid)) return false;
  if (process.platform === 'linux' && statusOf(pid)?.hasEnded) return false;
  if (start === null) return true;
  const now = startOf(pid);
  return now === null || now === start;
}

/** @param {number} pid */
function exists(pid) {
  try {
    process.kill(pid, 0); // signal 0 only asks
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * From Linux's /proc/PID/stat (proc_pid_stat(5)): field 3 is the state, field 22 the start in clock
 * ticks since boot. Field 2, the command's name in brackets, may itself hold spaces and brackets.
 *
 * @param {number} pid
 * @returns {{ start: string, hasEnded: boolean } | null} null where it cannot be read
 */
function statusOf(pid) {
  try {
    const text = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { start: fields[22 - 3], hasEnded: 'ZXx'.includes(fields[0]) };
  } catch {
    return null;
  }
}

module.exports = { startOf, isRunning };
