import fc from 'fast-check';
import { anatomyOf } from './anatomy';
import type { Anatomy, Field } from './anatomy';

/** What a changed file may do: be refused in any case, or, where it is taken, give a certain value. */
export type Expectation =
  /** What was changed is protected by a checksum, or missing: what is read is as before, or refused. */
  | 'same or refused'
  /** It may be read as something else, as long as that is sound. */
  | 'sound or refused';

/** A malformed file, and how it came to be. */
export interface Mutant {
  bytes: Buffer;
  how: string;
  expected: Expectation;
}

/** Numbers at which sizes, counts and indices go wrong. */
function edgeValues({ size }: Field): bigint[] {
  const bits = BigInt(8 * size);
  const full = 1n << bits;
  return [
    0n,
    1n,
    2n,
    full - 1n,
    full - 2n,
    full >> 1n,
    (full >> 1n) - 1n,
    full >> 4n,
    255n,
    65_535n,
  ];
}

function writeField(bytes: Buffer, { at, size, order }: Field, value: bigint): void {
  let rest = BigInt.asUintN(8 * size, value);
  for (let i = 0; i < size; i++) {
    bytes[order === 'little' ? at + i : at + size - 1 - i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}

function readField(bytes: Buffer, { at, size, order }: Field): bigint {
  let value = 0n;
  for (let i = 0; i < size; i++) {
    value = (value << 8n) | BigInt(bytes[order === 'big' ? at + i : at + size - 1 - i]);
  }
  return value;
}

type Edit = { name: string; apply: (bytes: Buffer) => Buffer; isCut?: boolean; isFlip?: boolean };

function fieldEdits(bytes: Buffer, fields: readonly Field[]): fc.Arbitrary<Edit> {
  return fc.constantFrom(...fields).chain((field) => {
    const before = readField(bytes, field);
    const values = fc.oneof(
      fc.constantFrom(...edgeValues(field)),
      fc.constantFrom(before + 1n, before - 1n, before * 2n, before * 1000n),
      fc.bigUintN(8 * field.size),
    );
    return values.map((value) => ({
      name: `the ${field.size} bytes at ${field.at} from ${before} to ${value}`,
      apply: (changed: Buffer) => {
        writeField(changed, field, value);
        return changed;
      },
    }));
  });
}

function partEdits(parts: Anatomy['parts']): fc.Arbitrary<Edit> {
  const one = fc.constantFrom(...parts);
  const cut = (bytes: Buffer, from: number, to: number) =>
    Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  return fc.oneof(
    one.map(({ from, to }) => ({
      name: `without bytes ${from} to ${to}`,
      apply: (bytes: Buffer) => cut(bytes, from, to),
    })),
    fc.tuple(one, fc.constantFrom(2, 3, 200)).map(([{ from, to }, times]) => ({
      name: `bytes ${from} to ${to} ${times} times`,
      apply: (bytes: Buffer) =>
        Buffer.concat([
          bytes.subarray(0, from),
          ...Array.from({ length: times }, () => bytes.subarray(from, to)),
          bytes.subarray(to),
        ]),
    })),
    fc.tuple(one, one).map(([{ from, to }, { from: place }]) => ({
      name: `bytes ${from} to ${to} also at ${place}`,
      apply: (bytes: Buffer) =>
        Buffer.concat([bytes.subarray(0, place), bytes.subarray(from, to), bytes.subarray(place)]),
    })),
  );
}

function byteEdits(length: number): fc.Arbitrary<Edit> {
  const place = fc.nat(Math.max(0, length - 1));
  return fc.oneof(
    fc.tuple(place, fc.nat(7)).map(([at, bit]) => ({
      name: `bit ${bit} of byte ${at} flipped`,
      isFlip: true,
      apply: (bytes: Buffer) => {
        if (at < bytes.length) bytes[at] ^= 1 << bit;
        return bytes;
      },
    })),
    fc.tuple(place, fc.constantFrom(1, 4, 16, 256)).map(([at, count]) => ({
      name: `${count} zeros from byte ${at}`,
      isFlip: true,
      apply: (bytes: Buffer) => bytes.fill(0, at, Math.min(bytes.length, at + count)),
    })),
    place.map((at) => ({
      name: `cut at byte ${at}`,
      isCut: true,
      apply: (bytes: Buffer) => bytes.subarray(0, at),
    })),
    fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 40 })).map(([at, added]) => ({
      name: `${added.length} bytes more at ${at}`,
      apply: (bytes: Buffer) => Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at)]),
    })),
  );
}

/** Changes of a file by what its format is made of, one to three of them. */
export function binaryMutants(ending: string, sound: Buffer): fc.Arbitrary<Mutant> {
  const anatomy = anatomyOf(ending, sound);
  const kinds: fc.WeightedArbitrary<Edit>[] = [{ weight: 2, arbitrary: byteEdits(sound.length) }];
  if (anatomy.fields.length > 0) {
    kinds.push({ weight: 4, arbitrary: fieldEdits(sound, anatomy.fields) });
  }
  if (anatomy.parts.length > 0) kinds.push({ weight: 2, arbitrary: partEdits(anatomy.parts) });
  return fc
    .tuple(fc.array(fc.oneof(...kinds), { minLength: 1, maxLength: 3 }), fc.boolean())
    .map(([edits, repairs]) => {
      // What changes lengths comes last: the places of the others are those of the sound file.
      const sorted = [...edits].sort((a, b) => Number(movesBytes(a)) - Number(movesBytes(b)));
      let bytes: Buffer = Buffer.from(sound);
      for (const { apply } of sorted) bytes = apply(bytes);
      const isRepaired = repairs && anatomy.repair !== undefined;
      if (isRepaired) bytes = anatomy.repair!(Buffer.from(bytes));
      const isCut = sorted.length === 1 && sorted[0].isCut === true;
      const isFlip = anatomy.isChecked && !isRepaired && sorted.every((edit) => edit.isFlip);
      return {
        bytes,
        how: sorted.map(({ name }) => name).join(', ') + (isRepaired ? ', checksums repaired' : ''),
        expected: isCut || isFlip ? 'same or refused' : 'sound or refused',
      };
    });
}

function movesBytes({ name }: Edit): boolean {
  return /without|times|also|cut|more/.test(name);
}

/** What may stand in JSON where something else is expected. */
const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, '', 0, -1, 0.5, 1e9, 1e308, -1e308, 2 ** 53, 1e-320),
  fc.constantFrom<unknown>([], {}, [[]], [null], { a: 1 }, '__proto__', 'NaN', '\u0000\u001b[31m'),
  fc.constantFrom<unknown>('x'.repeat(5000), '../../etc/passwd', Array(2000).fill(0)),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string(),
  fc.jsonValue({ maxDepth: 2 }),
);

type Path = (string | number)[];

/** All places in a JSON value, the whole first. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.slice(0, 4).map((item, i) => [i, item])
    : Object.entries(value);
  return [path, ...entries.flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

function withValue(
  value: unknown,
  [key, ...rest]: Path,
  change: (old: unknown) => unknown,
): unknown {
  if (key === undefined) return change(value);
  const copy: Record<string | number, unknown> = Array.isArray(value)
    ? ([...value] as never)
    : { ...(value as object) };
  const changed = withValue(copy[key], rest, change);
  if (changed === undefined) delete copy[key];
  else copy[key] = changed;
  return copy;
}

/** JSON in which one to three values are others, missing or more. */
export function jsonValueMutants(sound: unknown): fc.Arbitrary<{ value: unknown; how: string }> {
  const paths = pathsOf(sound);
  const edit = fc.tuple(
    fc.constantFrom(...paths),
    fc.oneof(
      {
        weight: 6,
        arbitrary: anyValue.map((value) => ({ name: `= ${brief(value)}`, change: () => value })),
      },
      { weight: 1, arbitrary: fc.constant({ name: 'left out', change: () => undefined }) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(-1, 2, 1e6, 1e12).map((factor) => ({
          name: `times ${factor}`,
          change: (old: unknown) => (typeof old === 'number' ? old * factor : [old, old]),
        })),
      },
    ),
  );
  return fc.array(edit, { minLength: 1, maxLength: 2 }).map((edits) => {
    let value: unknown = structuredClone(sound);
    const done: string[] = [];
    for (const [path, { name, change }] of edits) {
      if (!isThere(value, path)) continue;
      value = withValue(value, path, change);
      done.push(`${path.join('.') || 'all'} ${name}`);
    }
    return { value, how: done.join(', ') };
  });
}

function isThere(value: unknown, path: Path): boolean {
  let at: unknown = value;
  for (const key of path.slice(0, -1)) at = (at as Record<string | number, unknown> | null)?.[key];
  return path.length === 0 || (typeof at === 'object' && at !== null);
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}

/** A text of JSON: its values changed, or the text itself. */
export function jsonMutants(sound: Buffer): fc.Arbitrary<Mutant> {
  const value: unknown = JSON.parse(sound.toString());
  const values = jsonValueMutants(value).map(({ value, how }): Mutant => ({
    bytes: Buffer.from(JSON.stringify(value) ?? ''),
    how,
    expected: 'sound or refused',
  }));
  return fc.oneof({ weight: 5, arbitrary: values }, { weight: 1, arbitrary: textMutants(sound) });
}

/** A text in lines or tokens. */
export function textMutants(sound: Buffer): fc.Arbitrary<Mutant> {
  const text = sound.toString();
  const numbers = [...text.matchAll(/-?\d+(\.\d+)?/g)].map(({ index = 0, 0: found }) => ({
    from: index,
    to: index + found.length,
  }));
  const inserted = fc.constantFrom(
    '\u0000',
    '\ufeff',
    '}',
    '"',
    ',',
    '\n',
    '1e999',
    '/*',
    '[',
    '&a *a',
  );
  const others: fc.Arbitrary<Mutant>[] = [
    fc.tuple(fc.nat(text.length), inserted).map(([at, more]) => ({
      bytes: Buffer.from(text.slice(0, at) + more + text.slice(at)),
      how: `${JSON.stringify(more)} at ${at}`,
      expected: 'sound or refused',
    })),
    fc.nat(text.length).map((at) => ({
      bytes: Buffer.from(text.slice(0, at)),
      how: `cut at ${at}`,
      expected: 'sound or refused',
    })),
    fc.constant({
      bytes: Buffer.from('['.repeat(100_000)),
      how: 'nested 100,000 deep',
      expected: 'sound or refused' as const,
    }),
    fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => ({
      bytes: Buffer.from(bytes),
      how: 'other bytes',
      expected: 'sound or refused',
    })),
  ];
  if (numbers.length > 0) {
    const value = fc.constantFrom(
      '0',
      '-1',
      '1e999',
      '99999999999',
      '1e-400',
      '0.5',
      'NaN',
      '""',
      '16777216',
    );
    others.push(
      fc.tuple(fc.constantFrom(...numbers), value).map(([{ from, to }, other]) => ({
        bytes: Buffer.from(text.slice(0, from) + other + text.slice(to)),
        how: `${other} in place of ${text.slice(from, to)} at ${from}`,
        expected: 'sound or refused',
      })),
    );
  }
  return fc.oneof(...others);
}
