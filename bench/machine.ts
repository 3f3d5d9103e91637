import * as os from 'os';

/** Where the numbers were measured. */
export interface Machine {
  processor: string;
  cores: number;
  memoryGigabytes: number;
  system: string;
  /** Processes that wanted to run in the minute before: more than 0.5 says that something else was going on. */
  loadBefore: number;
}

/** A machine with more load than this before the start is not free. */
export const FREE_MACHINE_LOAD = 0.5;

export function describeMachine(): Machine {
  return {
    processor: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGigabytes: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    loadBefore: os.loadavg()[0],
  };
}
