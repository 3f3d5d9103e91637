import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder for a test's files, removed after the tests of the enclosing `describe`. */
export function temporaryFolder(): { path: (...names: string[]) => string; write: Write } {
  let root = '';
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'stfpm-'));
  });
  after(() => rmSync(root, { recursive: true, force: true }));
  const path = (...names: string[]) => join(root, ...names);
  const write: Write = (name, content) => {
    const file = path(name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  };
  return { path, write };
}

/** Writes a file, with the folders above it, and gives its path. */
type Write = (name: string, content: string | Uint8Array) => string;
