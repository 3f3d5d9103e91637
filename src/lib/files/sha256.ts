import { createHash } from 'crypto';
import { readFileSync } from 'fs';

/** Of a whole file: tells whether two files have the same content. */
export function sha256Of(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
