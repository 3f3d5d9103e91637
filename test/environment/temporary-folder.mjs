import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/**
 * Gives each test of the suite it is called in a folder of its own, which is removed afterwards.
 * @returns {() => string} the running test's folder
 */
export function temporaryFolder() {
  let folder = '';
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stfpm-'));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));
  return () => folder;
}
