import * as fs from 'fs';
import * as path from 'path';

/** The lab's own folder. */
export const PROJECT_ROOT = path.resolve(__dirname, '..', '..');

/** The lab's version. */
export function projectVersion(): string {
  const text = fs.readFileSync(path.join(PROJECT_ROOT, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
