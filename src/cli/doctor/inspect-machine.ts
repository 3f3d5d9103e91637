import * as fs from 'fs';
import * as os from 'os';
import type { Finding } from './finding';
import { readSystemFile } from '../../lib/files/read-file';

const GIBIBYTE = 2 ** 30;

/** Training a baseline at 256 x 256 and batch 32 takes about this much. */
const MEMORY_NEEDED = 4 * GIBIBYTE;

/** A run folder takes 35 MB, figures and maps some more. */
const DISK_NEEDED = GIBIBYTE / 2;

function size(bytes: number): string {
  const gibibytes = bytes / GIBIBYTE;
  return `${gibibytes.toFixed(gibibytes < 10 ? 1 : 0)} GiB`;
}

/** What the lab runs on. */
export function inspectMachine(): Finding[] {
  const cpus = os.cpus();
  const processor = cpus[0]?.model.trim() ?? 'unknown processor';
  const platform = `${os.type()} ${os.release()}, ${process.arch}`;
  const memory = { total: os.totalmem(), free: availableMemory() };
  const disk = freeDisk();
  return [
    { what: 'system', state: 'note', found: platform, details: { platform } },
    {
      what: 'processor',
      state: 'note',
      found: `${processor}, ${cpus.length} cores`,
      details: { processor, cores: cpus.length },
    },
    {
      what: 'memory',
      state: memory.free < MEMORY_NEEDED ? 'absent' : 'ok',
      found: `${size(memory.free)} available of ${size(memory.total)}`,
      ...(memory.free < MEMORY_NEEDED
        ? {
            advice: 'may be too little for the default settings: a smaller --batch-size needs less',
          }
        : {}),
      details: { totalBytes: memory.total, availableBytes: memory.free },
    },
    {
      what: 'disk',
      state: disk !== null && disk < DISK_NEEDED ? 'absent' : 'ok',
      found: disk === null ? 'unknown' : `${size(disk)} free here`,
      ...(disk !== null && disk < DISK_NEEDED ? { advice: 'may be too little for runs' } : {}),
      details: { freeBytes: disk },
    },
  ];
}

/** Linux counts what its file cache would give back; `os.freemem` does not everywhere. */
function availableMemory(): number {
  const line = /^MemAvailable:\s+(\d+) kB$/m.exec(readSystemFile('/proc/meminfo') ?? '');
  return line ? Number(line[1]) * 1024 : os.freemem();
}

function freeDisk(): number | null {
  try {
    const { bavail, bsize } = fs.statfsSync('.');
    return bavail * bsize;
  } catch {
    return null;
  }
}
