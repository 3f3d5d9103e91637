import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { NamedArrays } from '../../src/lib/weights/named-arrays';

const folder = path.join(__dirname, '../fixtures/weights');

export function fixture(name: string): string {
  return path.join(folder, name);
}

type Expected = Record<string, { shape: number[]; values: number[] }>;

/** What the fixtures hold according to PyTorch (make_weights.py). */
export function expectedArrays(name: 'state-dict' | 'checkpoint' | 'safetensors'): Expected {
  const all = JSON.parse(readFileSync(fixture('expected.json'), 'utf8')) as Record<
    string,
    Expected
  >;
  return all[name];
}

/** An archive that gives no checksums, as PyTorch writes it when told not to compute them. */
export function withoutChecksums(archive: Uint8Array): Buffer {
  const copy = Buffer.from(archive);
  for (let at = 0; (at = copy.indexOf('PK\x01\x02', at)) >= 0; at++) copy.writeUInt32LE(0, at + 16);
  return copy;
}

/** Checks shapes and bits, and that the names come in the same order. */
export function assertArrays(found: NamedArrays, expected: Expected): void {
  assert.deepEqual([...found.keys()], Object.keys(expected));
  for (const [name, { shape, values }] of Object.entries(expected)) {
    const array = found.get(name)!;
    assert.deepEqual(array.shape, shape, name);
    assert.deepEqual(array.data, new Float32Array(values), name);
  }
}
