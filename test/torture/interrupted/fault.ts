import * as fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import * as path from 'node:path';

/*
 * Loaded into a process before all else, compiled by itself. Counts the operations by which the process changes files
 * below a folder, and at one of them ends it as a power failure would, or fills the disk. Native code passes beside it:
 * that writes TensorBoard's events, and nothing else.
 *
 * TORTURE_ROOT   the folder
 * TORTURE_FAULT  "count", "kill N" (in the middle of operation N, counted from 0) or "full N" (from operation N on there
 *                is no room)
 * TORTURE_LOG    the file that gets the names of all operations, as JSON, when the process ends
 */

type Method = (...args: unknown[]) => unknown;

const root = fs.realpathSync(process.env.TORTURE_ROOT!);
const [kind, at] = process.env.TORTURE_FAULT!.split(' ');
const log = process.env.TORTURE_LOG;
// Its children are spared: they go on when their parent is gone.
delete process.env.TORTURE_FAULT;

const real = { ...fs };
const realPromises = { ...fs.promises };
const patched = require('node:fs') as Record<string, unknown>;
const patchedPromises = patched.promises as Record<string, unknown>;
const operations: string[] = [];
/** By descriptor. */
const opened = new Map<number, string>();

/** @returns the file's path below the folder; null for others, which do not count */
function below(file: unknown): string | null {
  if (typeof file !== 'string') return null;
  const relative = path.relative(root, path.resolve(file));
  return relative.startsWith('..') ? null : relative || '.';
}

/** Counts an operation; may be the process's last. @returns whether there is room for it */
function hasRoom(name: string, file: string | null | undefined, last?: () => unknown): boolean {
  if (file === null || file === undefined) return true;
  const index = operations.push(`${name} ${file}`) - 1;
  if (kind === 'kill' && index === Number(at)) {
    last?.();
    process.kill(process.pid, 'SIGKILL');
    for (;;); // until the signal is there
  }
  return kind !== 'full' || index < Number(at);
}

function noSpace(syscall: string): Error {
  const text = `ENOSPC: no space left on device, ${syscall}`;
  return Object.assign(new Error(text), { code: 'ENOSPC', errno: -28, syscall });
}

/** @returns what `below` does, for a file that is opened to be written */
function mayOpen(file: unknown, flags: unknown): string | null {
  const { O_WRONLY, O_RDWR } = fs.constants;
  const writes =
    typeof flags === 'number' ? (flags & (O_WRONLY | O_RDWR)) !== 0 : /[wa+]/.test(String(flags));
  const counted = writes ? below(file) : null;
  const isNew = counted !== null && !real.existsSync(file as string);
  if (!hasRoom('open', counted) && isNew) throw noSpace('open');
  return counted;
}

/** Half of what is written last: a killed process and a full disk leave a part. */
let isPartTaken = false;

/** As `write` and `writeSync` take it: bytes, then offset, length and position, or these as properties. */
function writeSome(file: string | undefined, args: unknown[], write: Method): unknown {
  const [data, ...rest] = args;
  if (file === undefined) return write(...args);
  const bytes = typeof data === 'string' ? Buffer.from(data) : (data as Uint8Array);
  const named = typeof rest[0] === 'object' && rest[0] !== null ? rest[0] : null;
  const {
    offset,
    length,
    position = null,
  } = (named ??
    (typeof data === 'string'
      ? {}
      : { offset: rest[0], length: rest[1], position: rest[2] })) as Partial<
    Record<'offset' | 'length' | 'position', unknown>
  >;
  const from = Number(offset ?? 0);
  const all = Number(length ?? bytes.byteLength - from);
  const half = () => write(bytes, from, Math.floor(all / 2), position);
  if (hasRoom('write', file, () => kind === 'kill' && half())) {
    return write(bytes, from, all, position);
  }
  if (isPartTaken || all < 2) throw noSpace('write');
  isPartTaken = true;
  return half();
}

const openSync = (file: unknown, flags: unknown = 'r', mode?: unknown) => {
  const counted = mayOpen(file, flags);
  const descriptor = (real.openSync as Method)(file, flags, mode) as number;
  if (counted !== null) opened.set(descriptor, counted);
  return descriptor;
};
const closeSync = (descriptor: number) => {
  opened.delete(descriptor);
  real.closeSync(descriptor);
};
const writeSync = (descriptor: number, ...args: unknown[]) =>
  writeSome(opened.get(descriptor), args, (...some) =>
    (real.writeSync as Method)(descriptor, ...some),
  ) as number;
const writeFileSync = (
  file: unknown,
  data: unknown,
  options?: { flag?: string; mode?: number },
) => {
  if (typeof file === 'number') return (real.writeFileSync as Method)(file, data, options);
  const { flag = 'w', mode } = typeof options === 'object' ? (options ?? {}) : {};
  const descriptor = openSync(file, flag, mode);
  try {
    const bytes = typeof data === 'string' ? Buffer.from(data) : (data as Uint8Array);
    for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done);
  } finally {
    closeSync(descriptor);
  }
};

Object.assign(patched, { openSync, closeSync, writeSync, writeFileSync });

/** A name, which of its arguments is what it changes, and whether it takes room on the disk. */
const others: [name: string, argument: number, needsRoom: boolean][] = [
  ['mkdir', 0, true],
  ['link', 1, true],
  ['symlink', 1, true],
  ['copyFile', 1, true],
  ['rename', 1, false],
  ['rm', 0, false],
  ['unlink', 0, false],
  ['rmdir', 0, false],
  ['fsync', 0, false],
  ['fdatasync', 0, false],
  ['ftruncate', 0, false],
  ['fchmod', 0, false],
];
for (const [name, argument, needsRoom] of others) {
  const method = (real as unknown as Record<string, Method>)[`${name}Sync`];
  const instead: Method = (...args) => {
    const changed = args[argument];
    const isThere = name === 'mkdir' && real.existsSync(changed as string);
    const file = typeof changed === 'number' ? opened.get(changed) : below(changed);
    if (!hasRoom(name, isThere ? null : file) && needsRoom) throw noSpace(name);
    return method(...args);
  };
  patched[`${name}Sync`] = instead;
  if (name in realPromises) patchedPromises[name] = async (...args: unknown[]) => instead(...args);
}
patchedPromises.writeFile = async (...args: Parameters<typeof writeFileSync>) =>
  writeFileSync(...args);
patchedPromises.open = async (file: string, flags: string | number = 'r', mode?: number) => {
  const counted = mayOpen(file, flags);
  const handle = await realPromises.open(file, flags, mode);
  if (counted === null) return handle;
  const own = handle as unknown as Record<string, Method>;
  const { write } = own;
  own.write = async (...args) =>
    writeSome(counted, args, (...some) => write.apply(handle, some)) as Promise<unknown>;
  for (const name of ['sync', 'datasync', 'truncate']) {
    const method = own[name];
    own[name] = async (...args) => {
      hasRoom(name, counted);
      return method.apply(handle, args);
    };
  }
  return handle;
};
syncBuiltinESMExports();

if (log !== undefined) {
  process.on('exit', () => real.writeFileSync(log, JSON.stringify(operations)));
}
