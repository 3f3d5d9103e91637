import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { unzipSync, zipSync } from 'fflate';
import { parseTorchCheckpoint, readTorchCheckpoint } from '../../src/lib/weights/torch/checkpoint';
import { WeightFileError } from '../../src/lib/weights/named-arrays';
import { assertArrays, expectedArrays, fixture, withoutChecksums } from './weight-fixtures';

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

/** A checkpoint of a pickle, whose characters are its bytes, and storages by key. */
function archive(pickle: string, storages: Record<string, Uint8Array> = {}): Uint8Array {
  const entries: Record<string, Uint8Array> = { 'a/data.pkl': Buffer.from(pickle, 'latin1') };
  for (const [key, bytes] of Object.entries(storages)) entries[`a/data/${key}`] = bytes;
  return zipSync(entries, { level: 0 });
}

/** A short text as protocol 4 pickles it. */
function text(value: string): string {
  return `\x8c${String.fromCharCode(value.length)}${value}`;
}

/** A tensor of a storage "0" of floats. */
function tensor(length: number, shape: number[], strides: number[], offset = 0): string {
  const long = (value: number): string => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(BigInt(value));
    return `\x8a\x08${buffer.toString('latin1')}`;
  };
  const tuple = (values: number[]): string => `(${values.map(long).join('')}t`;
  const storage = `(${text('storage')}ctorch\nFloatStorage\n${text('0')}${text('cpu')}${long(length)}tQ`;
  const args = `(${storage}${long(offset)}${tuple(shape)}${tuple(strides)}\x89}t`;
  return `ctorch._utils\n_rebuild_tensor_v2\n${args}R`;
}

/** Changes the last entry of an archive's directory. */
function withDirectory(bytes: Uint8Array, change: (entry: Buffer) => void): Uint8Array {
  const copy = Buffer.from(bytes);
  change(copy.subarray(copy.lastIndexOf('PK\x01\x02')));
  return copy;
}

/** Numbers as pickles hold them in 4 bytes. */
function uint32(value: number): string {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer.toString('latin1');
}

describe('readTorchCheckpoint', () => {
  for (const [name, kind] of [
    ['state-dict.pth', 'as torch.save writes it'],
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

  it('gives tensors that share a storage arrays of their own', () => {
    const arrays = readTorchCheckpoint(fixture('state-dict.pth'));
    const before = arrays.get('shared.all')!.data[7];
    arrays.get('shared.again')!.data.fill(0);
    arrays.get('shared.tail')!.data.fill(0);
    assert.equal(arrays.get('shared.all')!.data[7], before);
    assert.notEqual(before, 0);
  });

  it('refuses a file that asks for os.system, by name and without running it', () => {
    assert.throws(
      () => readTorchCheckpoint(fixture('malicious.pth')),
      (error) =>
        error instanceof WeightFileError &&
        error.message.includes('malicious.pth') &&
        error.message.includes('"posix.system"'),
    );
    assert.ok(!existsSync('malicious-pickle-was-run'));
  });

  it('refuses the format before PyTorch 1.6 with a way out', () => {
    const old = Buffer.from('\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.', 'latin1');
    assert.throws(() => parseTorchCheckpoint(old, 'resnet18-5c106cde.pth'), {
      name: 'WeightFileError',
      message:
        'resnet18-5c106cde.pth: expected a PyTorch checkpoint in the ZIP format (PyTorch 1.6 or ' +
        'later), found the older format (load the file in PyTorch and torch.save the state dict again)',
    });
  });

  it('sees a single bit of a storage or of the pickle that is not what was written', () => {
    for (const entry of ['checkpoint/data/0', 'checkpoint/data.pkl', 'checkpoint/byteorder']) {
      const whole = readFileSync(fixture('checkpoint.pth'));
      const content = unzipSync(whole)[entry];
      const at = whole.indexOf(content);
      for (const bit of [0, 8 * content.length - 1]) {
        const damaged = Buffer.from(whole);
        damaged[at + (bit >> 3)] ^= 1 << (bit & 7);
        assert.throws(
          () => parseTorchCheckpoint(damaged, 'some.pth'),
          (error) => {
            assert.ok(error instanceof WeightFileError);
            assert.match(error.message, /^some\.pth: expected entry .* with the CRC-32 .* damaged/);
            assert.ok(error.message.includes(`"${entry}"`));
            return true;
          },
        );
      }
    }
  });

  it('reads a file that was saved without checksums', () => {
    const bytes = withoutChecksums(readFileSync(fixture('checkpoint.pth')));
    assertArrays(parseTorchCheckpoint(bytes, 'some.pth'), expectedArrays('checkpoint'));
  });

  const bytes = readFileSync(fixture('checkpoint.pth'));
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
      /an entry "checkpoint\/data\/0", found none/,
    ],
    [
      'a storage that is too short',
      () => changed('checkpoint.pth', { 'checkpoint/data/0': new Uint8Array(storage - 4) }),
      /12 bytes in storage "0" where 4 elements of F32 take 16/,
    ],
    [
      'an archive without a pickle',
      () => changed('checkpoint.pth', { 'checkpoint/data.pkl': null }),
      /NAME\/data\.pkl, found a ZIP archive with "checkpoint\/\.format_version"/,
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
      () => archive(`}${text('x')}${tensor(2, [2], [1])}s.`.replace('Float', 'QInt9')),
      /"torch\.QInt9Storage"/,
    ],
    [
      'an archive that announces millions of entries',
      // The number of entries of the archive, 32 bytes into the ZIP64 end record.
      () => {
        const damaged = readFileSync(fixture('zip64.pth'));
        damaged.writeUInt32LE(0xffffff, damaged.indexOf('PK\x06\x06') + 32);
        return damaged;
      },
      /a whole ZIP archive.*no record "PK/,
    ],
    [
      'an entry of the same name twice',
      () =>
        replaceText(
          archive('}.', { 0: new Uint8Array(4), 1: new Uint8Array(4) }),
          'data/1',
          'data/0',
        ),
      /entry "a\/data\/0" twice/,
    ],
    [
      'an entry that announces more than is stored',
      () => withDirectory(archive('}.'), (entry) => entry.writeUInt32LE(3 * 2 ** 30, 24)),
      /entry "a\/data\.pkl" of 3221225472 bytes stored as 2/,
    ],
    [
      'an entry longer than the file',
      () =>
        withDirectory(archive('}.'), (entry) => {
          entry.writeUInt32LE(3 * 2 ** 30, 20);
          entry.writeUInt32LE(3 * 2 ** 30, 24);
        }),
      /bytes 40 to 3221225512 needed, \d+ there/,
    ],
    [
      'entries that share their bytes',
      () =>
        withDirectory(archive('}.', { 0: new Uint8Array(4) }), (entry) =>
          entry.writeUInt32LE(0, 42),
        ),
      /entry "a\/data\/0" lies in another one/,
    ],
    [
      'a pickle of something else',
      () => archive('\x80\x02]K\x01a.'),
      /state dict.*no tensors by name in something that is not a dict/,
    ],
    [
      'a dict without tensors',
      () => archive(`}${text('x')}K\x01s.`),
      /no tensors by name in a dict with "x"/,
    ],
    [
      'a dict without names',
      () => archive('}K\x01K\x01s.'),
      /in a dict with keys that are not names/,
    ],
    ['an empty dict', () => archive('}.'), /in an empty dict/],
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
    const parse = (...args: [shape: number[], strides: number[], offset?: number]) => {
      const bytes = archive(`}${text('x')}${tensor(2, ...args)}s.`, { 0: new Uint8Array(8) });
      return () => parseTorchCheckpoint(bytes, 'some.pth');
    };
    assert.deepEqual(parse([2, 3], [1, 0])().get('x')?.data.length, 6);
    assert.throws(parse([2], [1], 1), /\[2\] that reaches element 2 of a storage of 2/);
    assert.throws(parse([2, 2], [2, 1]), /reaches element 3/);
    assert.throws(parse([2], [-1], 1), /without a storage, offset, shape and strides/);
    assert.throws(parse([2], []), /without a storage, offset, shape and strides/);
    assert.throws(parse([2 ** 31, 2 ** 20], [0, 0]), /on a storage of 2 elements/);
    assert.throws(parse([2 ** 52, 2 ** 52, 2 ** 52], [2 ** 52, 2 ** 52, 1]), /reaches element/);
    const absurd = Array.from({ length: 30 }, () => 2 ** 52);
    assert.throws(parse([...absurd, 0], [...absurd, 0]), /too many elements to count/);
    assert.throws(parse(new Array<number>(65).fill(1), new Array<number>(65).fill(1)), /without a/);
  });

  it('gives tensors the shapes that were checked, whatever the pickle does to its lists later', () => {
    // The list of the shape is stored as number 7 in between, and gets a size more in the end.
    const pickle = `}${text('x')}${tensor(2, [2], [1])}sq\x09h\x07K\x02a\x85`.replace(
      /\(\x8a\x08\x02\0{7}t/,
      ']\x8a\x08\x02\0\0\0\0\0\0\0aq\x07',
    );
    const bytes = archive(`${pickle}h\x09.`, { 0: new Uint8Array(8) });
    const { shape, data } = parseTorchCheckpoint(bytes, 'some.pth').get('x')!;
    assert.deepEqual([shape, data.length], [[2], 2]);
  });

  /** Doubles the value on top of the stack: each step holds the one before it twice. */
  const doubled = (times: number): string =>
    Array.from({ length: times }, (_, i) => `r${uint32(i)}j${uint32(i)}\x86`).join('');
  const bombs: [title: string, bytes: () => Uint8Array, message: RegExp][] = [
    [
      'a tuple that doubles itself',
      () => archive(`)${doubled(60)}.`),
      /in something that is not a dict/,
    ],
    [
      'a tuple that doubles itself as a key',
      () => archive(`})${doubled(60)}K\x01s.`),
      /keys that are not names/,
    ],
    [
      'a tuple that doubles itself by DUP',
      () => archive(`})${'2\x86'.repeat(60)}K\x01s.`),
      /opcode 0x32/,
    ],
    [
      'a tuple that doubles itself as a name, a size, a storage, a persistent id',
      () => archive(`ctorch._utils\n_rebuild_tensor_v2\n()${doubled(60)}q\x01h\x01h\x01h\x01tR.`),
      /without a storage/,
    ],
    ['a tuple that doubles itself as a persistent id', () => archive(`)${doubled(60)}Q.`), /id/],
    [
      'dicts made again and again of one long list',
      () => {
        const pairs = Array.from({ length: 1000 }, (_, i) => `J${uint32(i)}N\x86`);
        return archive(
          `](${pairs.join('')}eq\x00ccollections\nOrderedDict\nq\x01` +
            `${'h\x01h\x00\x85R'.repeat(1000)}.`,
        );
      },
      /OrderedDict made from another value/,
    ],
    ['a pickle of too many instructions', () => archive(')'.repeat(600_000)), /more than 500000/],
    [
      'a call with as many arguments',
      () => archive(`ctorch\nSize\n(${')'.repeat(400_000)}tR.`),
      /no tensors by name/,
    ],
    [
      'a function of a long name',
      () => archive(`c${'os'.repeat(1e6)}\nsystem\n.`),
      /"osos.*\.\.\.", which no plain state dict needs/,
    ],
    [
      'a shape of many sizes',
      () =>
        archive(
          `}${text('x')}${tensor(2, new Array<number>(1e5).fill(2), new Array<number>(1e5).fill(1))}s.`,
        ),
      /without a storage/,
    ],
    [
      'a long name',
      () => archive(`}X${uint32(2e6)}${'x'.repeat(2e6)}K\x01s.`),
      /with "xxx.*\.\.\."/,
    ],
    [
      'a tensor repeated under many names',
      () => {
        const repeat = `${tensor(1, [2 ** 20], [0])}q\x01`;
        const names = Array.from(
          { length: 250 },
          (_, i) => `X\x03\0\0\0${`00${i}`.slice(-3)}h\x01s`,
        );
        return archive(`}${text('x')}${repeat}s${names.join('')}.`, { 0: new Uint8Array(4) });
      },
      /on a storage of 1 elements: 2097152 elements in all so far, made of 1$/,
    ],
  ];
  for (const [title, make, message] of bombs) {
    it(`refuses ${title}, in one line`, () => {
      const bytes = make();
      assert.throws(
        () => parseTorchCheckpoint(bytes, 'some.pth'),
        (error) => {
          assert.ok(error instanceof WeightFileError);
          assert.match(error.message, message);
          assert.ok(error.message.length < 500, `a message of ${error.message.length}`);
          return true;
        },
      );
    });
  }
});
