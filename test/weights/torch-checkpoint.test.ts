import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { unzipSync, zipSync } from 'fflate';
import { parseTorchCheckpoint, readTorchCheckpoint } from '../../src/lib/weights/torch-checkpoint';
import { WeightFileError } from '../../src/lib/weights/weight-file-error';
import { assertArrays, expectedArrays, fixture } from './weight-fixtures';

/** A checkpoint with some entries of its archive replaced, or removed by null. */
function changed(name: string, changes: Record<string, Uint8Array | null>): Uint8Array {
  const entries: Record<string, Uint8Array> = unzipSync(readFileSync(fixture(name)));
  for (const [key, value] of Object.entries(changes)) {
    assert.ok(key in entries, key);
    if (value) entries[key] = value;
    else delete entries[key];
  }
  return zipSync(entries, { level: 0 });
}

function replaceText(bytes: Uint8Array, from: string, to: string): Uint8Array {
  assert.equal(from.length, to.length);
  const text = Buffer.from(bytes).toString('latin1');
  assert.ok(text.includes(from));
  return Buffer.from(text.replaceAll(from, to), 'latin1');
}

describe('readTorchCheckpoint', () => {
  for (const [name, kind] of [
    ['state-dict.pth', 'of the ZIP format'],
    ['legacy.pth', 'of the format before PyTorch 1.6'],
    ['protocol-5.pth', 'pickled with protocol 5'],
    ['zip64.pth', 'in a ZIP64 archive'],
  ]) {
    it(`reads a state dict ${kind}, of every element type and any strides`, () => {
      assertArrays(readTorchCheckpoint(fixture(name)), expectedArrays('state-dict'));
    });
  }

  it('reads the state dict within a training checkpoint', () => {
    assertArrays(readTorchCheckpoint(fixture('checkpoint.pth')), expectedArrays('checkpoint'));
  });

  it('reads parameters as PyTorch 0.1 pickled them', () => {
    const arrays = readTorchCheckpoint(fixture('old-parameters.pth'));
    assertArrays(arrays, expectedArrays('old-parameters'));
  });

  it('gives tensors that share a storage arrays of their own', () => {
    const arrays = readTorchCheckpoint(fixture('state-dict.pth'));
    const before = arrays.get('shared.all')!.data[7];
    arrays.get('shared.again')!.data.fill(0);
    arrays.get('shared.tail')!.data.fill(0);
    assert.equal(arrays.get('shared.all')!.data[7], before);
    assert.notEqual(before, 0);
  });

  for (const name of ['malicious.pth', 'malicious-legacy.pth']) {
    it(`refuses ${name}, which asks for os.system, by name and without running it`, () => {
      assert.throws(
        () => readTorchCheckpoint(fixture(name)),
        (error) =>
          error instanceof WeightFileError &&
          error.message.includes(name) &&
          error.message.includes('"posix.system"'),
      );
      assert.ok(!existsSync('malicious-pickle-was-run'));
    });
  }

  const bytes = readFileSync(fixture('checkpoint.pth'));
  const legacy = readFileSync(fixture('old-parameters.pth'));
  const storage = expectedArrays('checkpoint')['0.weight'].values.length * 4;
  const malformed: [title: string, bytes: () => Uint8Array, message: RegExp][] = [
    [
      'big-endian numbers',
      () => changed('checkpoint.pth', { 'checkpoint/byteorder': Buffer.from('big') }),
      /little-endian.*"big"/,
    ],
    [
      'a missing storage',
      () => changed('checkpoint.pth', { 'checkpoint/data/0': null }),
      /an entry checkpoint\/data\/0, found none/,
    ],
    [
      'a storage that is too short',
      () => changed('checkpoint.pth', { 'checkpoint/data/0': new Uint8Array(storage - 4) }),
      /12 bytes in storage 0 where 4 elements of F32 take 16/,
    ],
    [
      'an archive without a pickle',
      () => changed('checkpoint.pth', { 'checkpoint/data.pkl': null }),
      /NAME\/data\.pkl, found a ZIP archive with checkpoint\/\.format_version/,
    ],
    ['an empty archive', () => zipSync({}), /found a ZIP archive with no entries/],
    [
      'compressed entries',
      () => zipSync({ 'a/data.pkl': [new Uint8Array(99), { level: 9 }] }),
      /"a\/data\.pkl" compressed/,
    ],
    [
      'an archive cut short',
      () => bytes.subarray(0, bytes.length - 1),
      /a whole ZIP archive.*truncated or damaged/,
    ],
    [
      'a storage type without numbers',
      () => replaceText(bytes, 'FloatStorage', 'QInt9Storage'),
      /"torch\.QInt9Storage"/,
    ],
    [
      'another version of the legacy format',
      () => replaceText(legacy, 'M\xe9\x03', 'M\xe8\x03'),
      /version 1001.*found 1000/,
    ],
    [
      'a legacy file of a big-endian machine',
      () => replaceText(legacy, '\x88', '\x89'),
      /little-endian.*"big"/,
    ],
    [
      'another length of a storage in a legacy file',
      () => replaceText(legacy, 'e.\x06\0\0\0\0\0\0\0', 'e.\x05\0\0\0\0\0\0\0'),
      /6 elements in storage 0, found 5/,
    ],
    [
      'an archive that announces millions of entries',
      // The number of entries of the archive, 32 bytes into the ZIP64 end record.
      () => {
        const damaged = readFileSync(fixture('zip64.pth'));
        damaged.writeUInt32LE(0xffffff, damaged.indexOf('PK\x06\x06') + 32);
        return damaged;
      },
      /entry "" twice/,
    ],
    [
      'bytes after a legacy file',
      () => Buffer.concat([legacy, Buffer.of(0)]),
      /491 bytes in all, found 492/,
    ],
    [
      'a pickle of something else',
      () => zipSync({ 'a/data.pkl': Buffer.from('\x80\x02]K\x01a.', 'latin1') }, { level: 0 }),
      /state dict.*no tensors by name in what is no dict/,
    ],
    [
      'a dict without tensors',
      () => zipSync({ 'a/data.pkl': Buffer.from('}U\x01xK\x01s.', 'latin1') }, { level: 0 }),
      /no tensors by name in a dict with x/,
    ],
  ];
  for (const [title, make, message] of malformed) {
    it(`refuses ${title}`, () => {
      assert.throws(
        () => parseTorchCheckpoint(make(), 'some.pth'),
        (error) => {
          assert.ok(error instanceof WeightFileError);
          assert.match(error.message, /^some\.pth: expected /);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }

  it('refuses tensors that reach outside of their storage, or repeat it without end', () => {
    const tensor = (shape: number[], strides: number[], offset = 0): Uint8Array => {
      const long = (value: number): string => {
        const buffer = Buffer.alloc(8);
        buffer.writeBigInt64LE(BigInt(value));
        return `\x8a\x08${buffer.toString('latin1')}`;
      };
      const tuple = (values: number[]): string => `(${values.map(long).join('')}t`;
      const id = '((U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x02tQ';
      const call = `ctorch._utils\n_rebuild_tensor_v2\n${id}${long(offset)}${tuple(shape)}`;
      const pickle = `}U\x01x${call}${tuple(strides)}\x89}tRs.`;
      return zipSync(
        { 'a/data.pkl': Buffer.from(pickle, 'latin1'), 'a/data/0': new Uint8Array(8) },
        { level: 0 },
      );
    };
    const parse = (...args: Parameters<typeof tensor>) => {
      return () => parseTorchCheckpoint(tensor(...args), 'some.pth');
    };
    assert.deepEqual(parse([2, 3], [1, 0])().get('x')?.data.length, 6);
    assert.throws(parse([2], [1], 1), /\[2\] that reaches element 2 of a storage of 2/);
    assert.throws(parse([2, 2], [2, 1]), /reaches element 3/);
    assert.throws(parse([2], [-1], 1), /without a storage, offset, shape and strides/);
    assert.throws(parse([2], []), /without a storage, offset, shape and strides/);
    assert.throws(parse([2 ** 31, 2 ** 20], [0, 0]), /on a storage of 2 elements/);
    assert.throws(parse([2 ** 52, 2 ** 52, 2 ** 52], [2 ** 52, 2 ** 52, 1]), /reaches element/);
  });
});
