import { join } from 'node:path';

/** Path of a file that test/fixtures/data/make.py made. */
export function fixture(name: string): string {
  return join(__dirname, '..', 'fixtures', 'data', name);
}
