import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const fixtureFolder = join(__dirname, '..', 'fixtures', 'metrics');

/** A JSON file of golden values (made by make_fixtures.py beside it). */
export function readFixture<T>(name: string): T {
  return JSON.parse(readFileSync(join(fixtureFolder, name), 'utf8')) as T;
}
