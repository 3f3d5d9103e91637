import assert from 'node:assert/strict';
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {
  parseSafetensors,
  readSafetensors,
  writeSafetensors,
} from '../../src/lib/weights/safetensors';
import { WeightFileError } from '../../src/lib/weights/named-arrays';
import type { NamedArray, NamedArrays } from '../../src/lib/weights/named-arrays';
import { useTemporaryFolder } from './temporary-folder';
import { assertArrays, expectedArrays, fixture } from './weight-fixtures';

function array(shape: number[], ...values: number[]): NamedArray {
  return { shape, data: new Float32Array(values) };
}

/** A safetensors file of any header, right or wrong. */
function encode(header: unknown, data: Uint8Array = new Uint8Array()): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, data]);
}

function entry(dtype: string, shape: number[], begin: number, end: number): object {
  return { dtype, shape, data_offsets: [begin, end] };
}

describe('readSafetensors', () => {
  it('reads what Python wrote, of every element type, in the order of the data', () => {
    const { arrays, metadata } = readSafetensors(fixture('python.safetensors'));
    const expected = expectedArrays('safetensors');
    assertArrays(new Map(Object.keys(expected).map((name) => [name, arrays.get(name)!])), expected);
    assert.equal(arrays.size, Object.keys(expected).length);
    assert.deepEqual({ ...metadata }, { 'made by': 'Python, naïvely', format: 'pt' });
  });

  it('reads arrays whose bytes are not aligned', () => {
    const floats = new Uint8Array(new Float32Array([1.5, -2]).buffer);
    for (let shift = 0; shift < 4; shift++) {
      const header = `{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}${' '.repeat(shift)}`;
      const { arrays } = parseSafetensors(encode(header, floats), 'x');
      assert.deepEqual(arrays.get('x'), array([2], 1.5, -2));
    }
  });

  it('reads scalars, empty arrays and files without any array', () => {
    const bytes = encode(
      { scalar: entry('I64', [], 0, 8), empty: entry('F32', [0, 3], 0, 0) },
      new Uint8Array(new BigInt64Array([-7n]).buffer),
    );
    const { arrays } = parseSafetensors(bytes, 'x');
    assert.deepEqual(arrays.get('scalar'), array([], -7));
    assert.deepEqual(arrays.get('empty'), array([0, 3]));
    assert.equal(parseSafetensors(encode({}), 'x').arrays.size, 0);
  });

  it('does not take names for what JavaScript objects have anyway', () => {
    const header = '{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}';
    const { arrays } = parseSafetensors(encode(header, Uint8Array.of(9)), 'x');
    assert.deepEqual(arrays, new Map([['__proto__', array([1], 9)]]));
    assert.throws(
      () => parseSafetensors(encode({ x: entry('toString', [], 0, 1) }, Uint8Array.of(0)), 'x'),
      /dtype/,
    );
  });

  const four = new Uint8Array(4);
  const broken: [title: string, bytes: Uint8Array, message: RegExp][] = [
    ['no bytes', new Uint8Array(), /8 bytes of header length, found 0 bytes in all/],
    ['a header longer than the file', encode({}).subarray(0, 9), /header of 2 bytes.*9 bytes/],
    ['an absurd header length', new Uint8Array(16).fill(255), /18446744073709551615/],
    ['a header that is no JSON', encode('{"x":'), /header in JSON/],
    ['a header that is no UTF-8', encode('{"é":1}').fill(0xff, 10, 11), /header in JSON/],
    ['a header that is no object', encode([1]), /a JSON object as header, found \[1\]/],
    ['metadata that are no object', encode({ __metadata__: 'a' }), /__metadata__, found "a"/],
    ['metadata that are no strings', encode({ __metadata__: { a: 1 } }), /metadata "a", found 1/],
    ['an entry that is no object', encode({ x: null }), /as "x", found null/],
    ['an unknown dtype', encode({ x: entry('F8_E4M3', [1], 0, 1) }, four), /found "F8_E4M3"/],
    ['a missing dtype', encode({ x: { shape: [1] } }), /dtype of "x", found nothing/],
    ['a negative size', encode({ x: entry('F32', [-1], 0, 4) }, four), /shape of "x"/],
    ['a fractional size', encode({ x: entry('F32', [1.5], 0, 4) }, four), /shape of "x"/],
    ['offsets in reverse', encode({ x: entry('F32', [1], 4, 0) }, four), /data_offsets of "x"/],
    ['offsets beyond the file', encode({ x: entry('F32', [2], 0, 8) }, four), /8 bytes.*truncated/],
    ['a shape of other size', encode({ x: entry('F32', [2], 0, 4) }, four), /8 bytes for "x".*4/],
    ['a gap before an array', encode({ x: entry('U8', [3], 1, 4) }, four), /gap: it begins at 1/],
    ['bytes left over', encode({ x: entry('U8', [3], 0, 3) }, four), /3 bytes.*1 bytes too many/],
    [
      'arrays that overlap',
      encode({ x: entry('U8', [3], 0, 3), y: entry('U8', [2], 2, 4) }, four),
      /"y" to begin at byte 3.*overlap: it begins at 2/,
    ],
    ['a deep header', encode('['.repeat(1e5) + ']'.repeat(1e5)), /as header, found a list/],
    [
      'a deep entry',
      encode(`{"x":${'[{"y":'.repeat(1e5)}1${'}]'.repeat(1e5)}}`),
      /as "x", found a list/,
    ],
    ['a name of a megabyte', encode({ ['x'.repeat(1e6)]: 1 }), /as "xxx.*\.\.\.", found 1/],
    [
      'a shape of very many sizes',
      encode({ x: entry('F32', new Array<number>(1e5).fill(1), 0, 0) }),
      /shape \[1, 1, 1, 1, 1, 1, 1, 1, \.\.\. 100000 in all\]/,
    ],
  ];
  for (const [title, bytes, message] of broken) {
    it(`refuses ${title}, naming the file`, () => {
      assert.throws(
        () => parseSafetensors(bytes, 'folder/some.safetensors'),
        (error) => {
          assert.ok(error instanceof WeightFileError);
          assert.match(error.message, /^folder\/some\.safetensors: expected /);
          assert.match(error.message, message);
          assert.ok(error.message.length < 500);
          return true;
        },
      );
    });
  }
});

describe('writeSafetensors', () => {
  const at = useTemporaryFolder();

  it('writes the documented bytes: padded header, then the arrays in the order of the map', () => {
    const file = at('x.safetensors');
    const arrays: NamedArrays = new Map([
      ['b', array([1, 2], 1, -2)],
      ['10', array([], 0.5)],
    ]);
    writeSafetensors(file, arrays, { note: 'é' });
    const bytes = readFileSync(file);
    const length = Number(bytes.readBigUInt64LE(0));
    assert.equal(length % 8, 0);
    assert.equal(
      bytes.toString('utf8', 8, 8 + length).trimEnd(),
      '{"__metadata__":{"note":"é"},"b":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},' +
        '"10":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}',
    );
    assert.deepEqual(
      new Uint8Array(bytes.subarray(8 + length)),
      new Uint8Array(new Float32Array([1, -2, 0.5]).buffer),
    );
  });

  it('is read back bit for bit, whatever the names, shapes and values', () => {
    const value = fc.double({ noNaN: false }).map(Math.fround);
    const arrays = fc.uniqueArray(
      fc.record({
        name: fc.string({ unit: 'grapheme' }).filter((name) => name !== '__metadata__'),
        shape: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 }),
        values: fc.array(value, { minLength: 81, maxLength: 81 }),
      }),
      { selector: ({ name }) => name, maxLength: 4 },
    );
    const metadata = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string());
    fc.assert(
      fc.property(arrays, metadata, (list, texts) => {
        const written: NamedArrays = new Map(
          list.map(({ name, shape, values }) => {
            const count = shape.reduce((product, size) => product * size, 1);
            return [name, array(shape, ...values.slice(0, count))];
          }),
        );
        writeSafetensors(at('x.safetensors'), written, texts);
        const read = readSafetensors(at('x.safetensors'));
        assert.deepEqual(read.arrays, written);
        assert.deepEqual({ ...read.metadata }, { ...texts });
        // In the order of the data; arrays without elements take no place in it.
        const names = (all: NamedArrays): string[] =>
          [...all].filter(([, { data }]) => data.length > 0).map(([name]) => name);
        assert.deepEqual(names(read.arrays), names(written));
      }),
      { numRuns: 50 },
    );
  });

  it('writes a part of a larger buffer', () => {
    const data = new Float32Array([1, 2, 3, 4]).subarray(1, 3);
    writeSafetensors(at('x'), new Map([['x', { shape: [2], data }]]));
    assert.deepEqual(readSafetensors(at('x')).arrays.get('x'), array([2], 2, 3));
  });

  it('halves the bytes when asked to', () => {
    const file = at('x.safetensors');
    writeSafetensors(file, new Map([['x', array([3], 1 / 3, -2, 65504)]]), {}, { half: true });
    assert.deepEqual(readSafetensors(file).arrays.get('x'), array([3], 0.333251953125, -2, 65504));
    const bytes = readFileSync(file);
    assert.equal(bytes.length, 8 + Number(bytes.readBigUInt64LE(0)) + 6);
  });

  it('refuses what cannot be stored, and leaves the file there as it was', () => {
    const file = at('x.safetensors');
    writeSafetensors(file, new Map([['x', array([1], 7)]]));
    const write = (arrays: NamedArrays, metadata = {}, half = false) => {
      return () => writeSafetensors(file, arrays, metadata, { half });
    };
    assert.throws(write(new Map([['y', array([2, 2], 1)]])), /4 values.*"y".*\[2, 2\], found 1/);
    assert.throws(write(new Map([['y', array([-1])]])), WeightFileError);
    assert.throws(write(new Map([['__metadata__', array([1], 1)]])), /reserved/);
    assert.throws(write(new Map(), { epoch: 3 }), /string as metadata "epoch", found 3/);
    assert.throws(write(new Map([['y', array([2], 1, 7e4)]]), {}, true), /"y".*70000 at index 1/);
    assert.deepEqual(readSafetensors(file).arrays, new Map([['x', array([1], 7)]]));
    assert.deepEqual(readdirSync(path.dirname(file)), ['x.safetensors']);
  });

  it('never touches the bytes of an older file, which a reader may have open', () => {
    const file = at('x.safetensors');
    writeSafetensors(file, new Map([['x', array([1], 7)]]));
    const before = readFileSync(file);
    const descriptor = openSync(file, 'r');
    try {
      writeSafetensors(file, new Map([['x', array([3], 1, 2, 3)]]));
      const still = Buffer.alloc(fstatSync(descriptor).size);
      readSync(descriptor, still, 0, still.length, 0);
      assert.deepEqual(still, before);
    } finally {
      closeSync(descriptor);
    }
    assert.deepEqual(readSafetensors(file).arrays.get('x'), array([3], 1, 2, 3));
    assert.deepEqual(readdirSync(path.dirname(file)), ['x.safetensors']);
  });

  it('leaves nothing behind when the place cannot be written', () => {
    mkdirSync(at('x.safetensors'));
    writeFileSync(at('x.safetensors/inside'), '');
    assert.throws(
      () => writeSafetensors(at('x.safetensors'), new Map()),
      /x\.safetensors: .*a folder/,
    );
    assert.deepEqual(readdirSync(at('.')), ['x.safetensors']);
    const inside = at('x.safetensors/inside/x');
    assert.throws(() => writeSafetensors(inside, new Map()), /inside\/x: .*ENOTDIR/);
  });
});
