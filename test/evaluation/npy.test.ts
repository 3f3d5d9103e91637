import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  decodeNpy,
  encodeNpyMaps,
  openNpyMaps,
  readNpy,
  writeNpyMaps,
} from '../../src/lib/evaluation/npy';
import { fixtureFolder } from '../metrics/fixture';

const written = join(fixtureFolder, 'maps-2x2x2.npy');
const values = [0, -0, 1 / 3, -1e-45, 3.4e38, Infinity, -Infinity, 0.1].map(Math.fround);

describe('encodeNpyMaps', () => {
  it('gives the bytes that NumPy writes', async () => {
    const maps = [Float32Array.from(values.slice(0, 4)), Float32Array.from(values.slice(4))];
    assert.deepEqual(
      Buffer.from(encodeNpyMaps(maps, { height: 2, width: 2 })),
      await readFile(written),
    );
  });

  it('encodes maps that are parts of a buffer', () => {
    const both = Float32Array.of(1, 2, 3, 4);
    const bytes = encodeNpyMaps([both.subarray(2), both.subarray(0, 2)], { height: 1, width: 2 });
    assert.deepEqual([...decodeNpy(bytes, 'x.npy').data], [3, 4, 1, 2]);
  });

  it('encodes no maps as an array of no values', () => {
    const { shape, data } = decodeNpy(encodeNpyMaps([], { height: 256, width: 128 }), 'x.npy');
    assert.deepEqual([shape, data.length], [[0, 256, 128], 0]);
  });

  it('starts the values at a multiple of 64 bytes', () => {
    for (const count of [1, 10, 1000]) {
      const maps = Array.from({ length: count }, () => Float32Array.of(7));
      assert.equal((encodeNpyMaps(maps, { height: 1, width: 1 }).length - 4 * count) % 64, 0);
    }
  });

  it('refuses a map of another size', () => {
    assert.throws(
      () => encodeNpyMaps([new Float32Array(6), new Float32Array(3)], { height: 2, width: 3 }),
      /^RangeError: Expected 2 x 3 = 6 values in map 1, found 3\.$/,
    );
  });
});

describe('readNpy', () => {
  it('reads what NumPy writes, to the last bit', () => {
    const { shape, data } = readNpy(written);
    assert.deepEqual(shape, [2, 2, 2]);
    assert.deepEqual([...data], values);
    assert.deepEqual(readNpy(join(fixtureFolder, 'vector-float32.npy')), {
      shape: [3],
      data: Float32Array.of(0, 1, 2),
    });
  });

  it('reads what writeNpyMaps writes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'npy-'));
    try {
      const file = join(folder, 'maps.npy');
      const float = fc.float();
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(float, { minLength: 6, maxLength: 6 })),
          async (maps) => {
            await writeNpyMaps(
              file,
              maps.map((map) => Float32Array.from(map)),
              { height: 3, width: 2 },
            );
            const { shape, data } = readNpy(file);
            assert.deepEqual(shape, [maps.length, 3, 2]);
            assert.deepEqual([...data], maps.flat());
          },
        ),
        { numRuns: 30 },
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  describe('refuses, naming the file,', () => {
    const bytes = () =>
      Buffer.from(encodeNpyMaps([Float32Array.of(1, 2, 3, 4)], { height: 2, width: 2 }));
    const refuses = (file: Buffer, message: RegExp) => {
      assert.throws(() => decodeNpy(file, 'maps.npy'), message);
    };
    /** The file with a text in its header replaced by another of the same length. */
    const withHeader = (from: string, to: string) => {
      const changed = bytes();
      changed.write(to.padEnd(from.length), changed.indexOf(from), 'latin1');
      return changed;
    };

    it('a missing file', () => {
      assert.throws(() => readNpy('/nowhere/maps.npy'), /nowhere\/maps\.npy/);
    });

    it('a file of another kind', () => {
      refuses(
        Buffer.from('PK\x03\x04 and more'),
        /^FileError: maps\.npy: expected a \.npy file, found/,
      );
      refuses(Buffer.alloc(0), /^FileError: maps\.npy: expected a \.npy file, found/);
    });

    it('a file cut anywhere', () => {
      const whole = bytes();
      for (let length = 0; length < whole.length; length++) {
        refuses(whole.subarray(0, length), /^FileError: maps\.npy: expected .* found /s);
      }
    });

    it('bytes after the values', () => {
      refuses(
        Buffer.concat([bytes(), Buffer.of(0)]),
        /^FileError: maps\.npy: expected 16 bytes of values for shape \(1, 2, 2\), found 17 bytes/,
      );
    });

    it('a version not known', () => {
      const changed = bytes();
      changed[6] = 9;
      refuses(changed, /expected \.npy version 1, 2 or 3, found version 9/);
    });

    it('values of another type', () => {
      const file = join(fixtureFolder, 'matrix-float64.npy');
      assert.throws(
        () => readNpy(file),
        /matrix-float64\.npy: expected values of type '<f4' \(little-endian float32\), found '<f8'/,
      );
      refuses(withHeader("'<f4'", "'>f4'"), /found '>f4'/);
      refuses(withHeader("'<f4'", "'|O'"), /found '\|O'/);
    });

    it('column-major order', () => {
      const file = join(fixtureFolder, 'matrix-column-major.npy');
      assert.throws(() => readNpy(file), /expected row-major order, found column-major/);
    });

    it('a header without what it needs', () => {
      refuses(withHeader("'descr'", "'other'"), /expected a \.npy header with 'descr', found \{/);
      refuses(withHeader('False', 'None'), /expected a \.npy header with 'fortran_order', found/);
      refuses(withHeader('(1, 2, 2)', '(1, -2)'), /expected a \.npy header with 'shape', found/);
      refuses(withHeader('(1, 2, 2)', '(1, 2, 3)'), /expected 24 bytes .* found 16 bytes/);
      refuses(withHeader('(1, 2, 2)', '(99999999'), /expected a \.npy header with 'shape', found/);
    });

    it('a header longer than the file', () => {
      const changed = bytes();
      changed.writeUInt16LE(60000, 8);
      refuses(changed, /expected a header of 60000 bytes, found 134/);
    });
  });

  it('reads version 2, whose header can be longer than 65,535 bytes', () => {
    const first = Buffer.from(encodeNpyMaps([Float32Array.of(1, 2)], { height: 1, width: 2 }));
    const padding = 70_000;
    const length = Buffer.alloc(4);
    length.writeUInt32LE(first.readUInt16LE(8) + padding);
    const header = Buffer.concat([first.subarray(10, -8 - 1), Buffer.alloc(padding, ' ')]);
    const second = Buffer.concat([
      first.subarray(0, 8),
      length,
      header,
      Buffer.from('\n'),
      first.subarray(-8),
    ]);
    second[6] = 2;
    assert.deepEqual([...decodeNpy(second, 'x.npy').data], [1, 2]);
  });
});

describe('openNpyMaps', () => {
  it('writes maps as they come, and gives them their name at the end', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'npy-'));
    try {
      const file = join(folder, 'new', 'maps.npy');
      const size = { height: 2, width: 2 };
      const writer = openNpyMaps(file);
      writer.add(Float32Array.from(values.slice(0, 4)), size);
      writer.add(Float32Array.from(values.slice(4)), size);
      assert.ok(!(await readdir(join(folder, 'new'))).includes('maps.npy'));
      assert.throws(() => writer.add(Float32Array.of(1), { height: 1, width: 1 }), /found 1/);
      writer.close();
      assert.deepEqual(await readFile(file), await readFile(written));
      openNpyMaps(file).discard();
      assert.deepEqual(await readdir(join(folder, 'new')), ['maps.npy']);
      assert.throws(
        () => openNpyMaps(join(folder, 'new')),
        /new: could not be written: expected a file/,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
