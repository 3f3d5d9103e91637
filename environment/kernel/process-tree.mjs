import { execFileSync } from 'node:child_process';
import fs from 'node:fs';

/**
 * Sends a signal to all processes below one: a shell that is ended leaves what it has started.
 *
 * @param {number} pid
 * @param {number[]} spared children that are left alone, with all below them
 * @param {NodeJS.Signals} signal
 * @param {Set<number>} done those that have been sent it, and are not sent it again; added to
 */
export function signalDescendants(pid, spared, signal, done) {
  const all = processes();
  const found = new Set([pid]);
  // A set goes on with what is added during the loop.
  for (const one of found) {
    for (const [child, parent] of all) {
      if (parent === one && !spared.includes(child)) found.add(child);
    }
  }
  found.delete(pid);
  for (const one of found) {
    if (done.has(one)) continue;
    done.add(one);
    try {
      process.kill(one, signal);
    } catch {
      // It has ended by itself.
    }
  }
}

/** @returns {[pid: number, parent: number][]} */
function processes() {
  if (fs.existsSync('/proc/self/stat')) {
    return fs.readdirSync('/proc').flatMap((name) => {
      if (!/^\d+$/.test(name)) return [];
      try {
        const stat = fs.readFileSync(`/proc/${name}/stat`, 'utf8');
        // The command, in brackets, may hold anything; then the state, and the parent.
        const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
        return [/** @type {[number, number]} */ ([Number(name), Number(parent)])];
      } catch {
        return [];
      }
    });
  }
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  return table
    .trim()
    .split('\n')
    .map((line) => /** @type {[number, number]} */ (line.trim().split(/\s+/).map(Number)));
}
