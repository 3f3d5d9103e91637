import * as os from 'os';

/** Seconds that all cores together have worked since the machine started, for whichever process. */
export function busySeconds(): number {
  let milliseconds = 0;
  for (const { times } of os.cpus())
    milliseconds += times.user + times.nice + times.sys + times.irq;
  return milliseconds / 1000;
}

/** Seconds of processor time that this process has taken. */
export function ownSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
