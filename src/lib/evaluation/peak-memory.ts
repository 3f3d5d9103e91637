import { readSystemFile } from '../files/read-file';

/**
 * The most memory that this process had resident at any time.
 *
 * Linux's VmHWM, where there is one: the maximum that getrusage gives begins, on Linux, with what the parent process held
 * when it started this one.
 */
export function peakBytes(): number {
  const found = process.platform === 'linux' ? /^VmHWM:\s*(\d+) kB$/m.exec(status()) : null;
  return found ? Number(found[1]) * 1024 : process.resourceUsage().maxRSS * 1024;
}

const status = () => readSystemFile('/proc/self/status') ?? '';
