import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface ScalarEvent {
  step: number;
  tag: string;
  value: number;
}

/**
 * The scalars of a folder's only TensorBoard event file. Each record is framed by its length (8 bytes), 4 bytes of
 * checksum before and 4 after; its content is a protocol buffer, `Event`.
 */
export function readEventFile(folder: string): ScalarEvent[] {
  const names = readdirSync(folder).filter((name) => name.startsWith('events.out.tfevents.'));
  assert.equal(names.length, 1);
  const bytes = readFileSync(path.join(folder, names[0]));
  const events: ScalarEvent[] = [];
  let position = 0;
  while (position < bytes.length) {
    const length = Number(bytes.readBigUInt64LE(position));
    const event = fields(bytes.subarray(position + 12, position + 12 + length));
    position += 12 + length + 4;
    if (event.has(5)) events.push(scalar(event));
  }
  assert.equal(position, bytes.length);
  return events;
}

/** Event: 2 step, 5 summary; Summary: 1 value; Value: 1 tag, 2 simple_value. */
function scalar(event: Map<number, Buffer | number>): ScalarEvent {
  const value = fields(fields(event.get(5) as Buffer).get(1) as Buffer);
  return {
    step: event.get(2) as number,
    tag: (value.get(1) as Buffer).toString(),
    value: (value.get(2) as Buffer).readFloatLE(0),
  };
}

/** The fields of a protocol buffer by number: varints as numbers, everything else as bytes. */
function fields(bytes: Buffer): Map<number, Buffer | number> {
  const found = new Map<number, Buffer | number>();
  let position = 0;
  const varint = () => {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = bytes[position++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  };
  const take = (length: number) => bytes.subarray(position, (position += length));
  while (position < bytes.length) {
    const key = varint();
    const [field, type] = [Math.floor(key / 8), key % 8];
    if (type === 0) found.set(field, varint());
    else found.set(field, take(type === 1 ? 8 : type === 5 ? 4 : varint()));
  }
  return found;
}
