import * as path from 'node:path';

export const ROOT = path.resolve(__dirname, '..', '..');

/** A module of the build, which is what users run: `built<typeof import('../../src/lib/data/image')>('lib/data/image')`. */
export function built<T>(module: string): T {
  return require(path.join(ROOT, 'dist', module)) as T;
}
