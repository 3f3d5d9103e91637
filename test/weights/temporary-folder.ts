import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Gives each test of a suite a folder of its own, which is removed after it. */
export function useTemporaryFolder(): (name: string) => string {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'stfpm-weights-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  return (name) => path.join(folder, name);
}
