import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A JSON file of golden values in test/fixtures/<area>, made by the make.py beside it. */
export function readGolden<T>(area: string, name: string): T {
  return JSON.parse(readFileSync(join(__dirname, '..', 'fixtures', area, name), 'utf8')) as T;
}
