import assert from 'node:assert/strict';
import sharp from 'sharp';
import { findValueRange } from '../../src/lib/data/find-value-range';
import { loadImages } from '../../src/lib/data/image';
import { toRgb8, usualRange } from '../../src/lib/data/value-range';
import { temporaryFolder } from './temporary-folder';
import { bytesOf, tiffFile } from './tiff-file';

const size = { width: 8, height: 8 };

/** A greyscale picture of 16 bits whose largest value is given. */
const deep = (max: number) =>
  tiffFile({
    ...size,
    bits: 16,
    data: bytesOf(Uint16Array.from({ length: 64 }, (_, i) => (max * i) / 63)),
  });
const float = (max: number) =>
  tiffFile({
    ...size,
    bits: 32,
    sampleFormat: 3,
    data: bytesOf(Float32Array.from({ length: 64 }, (_, i) => (max * i) / 63)),
  });

describe('usualRange', () => {
  it('is the smallest that covers all values', () => {
    const white = (samples: 'uint16' | 'uint32' | 'float', max: number) =>
      usualRange(samples, max)?.white;
    assert.deepEqual(
      [200, 255, 256, 1023, 2462, 4095, 4096, 16384, 65535].map((max) => white('uint16', max)),
      [255, 255, 1023, 1023, 4095, 4095, 16383, 65535, 65535],
    );
    assert.deepEqual(
      [0.2, 1, 1.5e2, 4000, 60000].map((max) => white('float', max)),
      [1, 1, 255, 4095, 65535],
    );
    assert.equal(white('uint32', 2 ** 31), 2 ** 32 - 1);
  });

  it('is none for values beyond all of them, or that would be nearly black', () => {
    assert.equal(usualRange('float', 70000), null);
    assert.equal(usualRange('float', 0.05), null);
    assert.equal(usualRange('uint16', 15), null);
    assert.equal(usualRange('uint16', 0), null);
  });
});

describe('toRgb8', () => {
  it('takes the upper 8 of the bits that are used', () => {
    const values = Uint16Array.from({ length: 4096 }, (_, i) => i);
    const rgb = toRgb8(values, 1, { samples: 'uint16', white: 4095 });
    assert.ok(
      values.every((value, i) => rgb[3 * i] === value >> 4 && rgb[3 * i + 2] === value >> 4),
    );
    const all = Uint16Array.from({ length: 65535 }, (_, i) => i);
    const high = toRgb8(all, 3, { samples: 'uint16', white: 65535 });
    assert.ok(all.every((value, i) => high[i] === value >> 8));
  });

  it('gives a white of any value 255, and rounds floating-point numbers', () => {
    const white = toRgb8(Uint16Array.of(0, 1500, 3000), 3, { samples: 'uint16', white: 3000 });
    assert.deepEqual([...white], [0, 127, 255]);
    const shares = toRgb8(Float32Array.of(0, 0.499, 1), 3, { samples: 'float', white: 1 });
    assert.deepEqual([...shares], [0, 127, 255]);
  });
});

describe('findValueRange', () => {
  const { write } = temporaryFolder();
  let number = 0;
  const file = (content: Uint8Array) => ({ file: write(`${number++}.tif`, content) });
  const shallow = async () =>
    file(
      await sharp({ create: { ...size, channels: 3, background: '#406080' } })
        .png()
        .toBuffer(),
    );

  it('finds one scale for all train images, and says so', async () => {
    const { range, note } = await findValueRange([file(deep(900)), file(deep(2462))]);
    assert.deepEqual(range, { samples: 'uint16', white: 4095 });
    assert.match(note!, /16-bit values go up to 2462: 12 of 16 bits, 4095 is white/);
  });

  it('finds none for 8 bits, and has nothing to say of all 16', async () => {
    assert.deepEqual(await findValueRange([await shallow()]), { range: null, note: null });
    const { range, note } = await findValueRange([file(deep(65000))]);
    assert.deepEqual([range, note], [{ samples: 'uint16', white: 65535 }, null]);
  });

  it('takes 8 bits and all 16 together, with a word', async () => {
    const { range, note } = await findValueRange([file(deep(65000)), await shallow()]);
    assert.deepEqual(range, { samples: 'uint16', white: 65535 });
    assert.match(note!, /some train images have 16 bits a channel and some 8/i);
  });

  it('takes the white that is named', async () => {
    const { range } = await findValueRange([file(float(0.03))], { white: 0.1 });
    assert.deepEqual(range, { samples: 'float', white: 0.1 });
    await assert.rejects(
      findValueRange([file(deep(900))], { white: 500 }),
      /expected train images with 500 as white, found values up to 900/,
    );
    await assert.rejects(
      findValueRange([await shallow()], { white: 4095 }),
      /expected train images with 4095 as white, found 8-bit values/,
    );
  });

  it('refuses images that are stored in different ways, and those that no scale fits', async () => {
    await assert.rejects(
      findValueRange([file(deep(900)), await shallow(), await shallow()]),
      /stored alike, found .*16-bit values in 1 \(\d+\.tif\)/,
    );
    await assert.rejects(
      findValueRange([file(deep(900)), file(float(1))]),
      /stored alike, found .*floating-point values in 1/,
    );
    await assert.rejects(
      findValueRange([file(float(0.03))]),
      /name the value that is white \(--white\), found train images whose largest value is 0\.03/,
    );
  });

  it('gives pictures of 12 bits the pixels of their 8-bit versions', async () => {
    const values = Uint16Array.from({ length: 64 }, (_, i) => (4000 * i) / 63);
    const twelve = file(tiffFile({ ...size, bits: 16, data: bytesOf(values) }));
    const eight = file(tiffFile({ ...size, data: Uint8Array.from(values, (value) => value >> 4) }));
    const { range: valueRange } = await findValueRange([twelve]);
    const small = { height: 5, width: 6 };
    assert.deepEqual(
      await loadImages([twelve], { size: small, valueRange }),
      await loadImages([eight], { size: small }),
    );
  });
});
