import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { loadRgb } from '../../src/lib/data/image';
import type { ValueRange } from '../../src/lib/data/value-range';
import { fixture } from './fixture';
import { temporaryFolder } from './temporary-folder';
import { bytesOf, packed, tiffFile } from './tiff-file';

const WIDTH = 24;
const HEIGHT = 20;
const COUNT = WIDTH * HEIGHT;
const size = { width: WIDTH, height: HEIGHT };

/** A picture of 12 bits a channel, and what is seen of it with 8. */
const colours12 = Uint16Array.from({ length: 3 * COUNT }, (_, i) =>
  i === 0 ? 4095 : (i * 7919 + (i >> 3)) % 4096,
);
const grey12 = Uint16Array.from({ length: COUNT }, (_, i) =>
  i === 0 ? 4095 : (i * 2731 + (i >> 2)) % 4096,
);
const colours = Uint8Array.from(colours12, (value) => value >> 4);
const grey = Uint8Array.from(grey12, (value) => value >> 4);
const inAll = (values: Uint8Array) =>
  Uint8Array.from({ length: 3 * COUNT }, (_, i) => values[Math.floor(i / 3)]);
const shallow = Uint8Array.from({ length: COUNT }, (_, i) => ((i * 5) % 7 > 3 ? 255 : 0));
const inverted = (values: Uint8Array) => values.map((value) => 255 - value);
const bitDepth12: ValueRange = { samples: 'uint16', white: 4095 };
const shares: ValueRange = { samples: 'float', white: 1 };
/** What is nearest in 255 steps, as a share of white is read. */
const nearest = (values: Uint16Array) =>
  Uint8Array.from(values, (value) => Math.round((255 * value) / 4095));
const asShares = (values: Uint16Array) => Float32Array.from(values, (value) => value / 4095);

const raw = (data: Uint8Array | Uint16Array, channels: 1 | 3 | 4 = 3) =>
  sharp(data, { raw: { ...size, channels } });
const picture = () => raw(colours);
const greyPicture = () => raw(grey, 1).toColourspace('b-w');
const deep = () => raw(colours12).toColourspace('rgb16');
const deepGrey = () => raw(grey12, 1).toColourspace('grey16');
/** Smooth, for formats that lose something. */
const smooth = Uint8Array.from(
  { length: 3 * COUNT },
  (_, i) => 40 + 3 * (Math.floor(i / 3) % WIDTH) + 20 * (i % 3),
);
/** The picture twice, one below the other, as frames. */
const frames = () =>
  sharp(Buffer.concat([colours, inverted(colours)]), {
    raw: { width: WIDTH, height: 2 * HEIGHT, channels: 3, pageHeight: HEIGHT },
  });

const withAlpha = (colour: Uint8Array) =>
  Uint8Array.from({ length: 4 * COUNT }, (_, i) =>
    i % 4 === 3 ? 128 + (i % 100) : colour[3 * (i >> 2) + (i % 4)],
  );
const begins = (hex: string) => Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(200)]);
const netpbm = (header: string, data: Uint8Array) => Buffer.concat([Buffer.from(header), data]);
const bigEndian = (values: Uint16Array) => {
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, i) => bytes.writeUInt16BE(value, 2 * i));
  return bytes;
};

/** A JPEG's bytes up to where its scan of the given number begins. */
function upToScan(jpeg: Buffer, number: number): Buffer {
  let at = 0;
  for (let scan = 0; scan <= number; scan++) at = jpeg.indexOf(Uint8Array.of(0xff, 0xda), at + 2);
  assert.ok(at > 0);
  return jpeg.subarray(0, at);
}

/** A PNG with an animation's chunk. */
function asApng(png: Buffer): Buffer {
  const chunk = Buffer.alloc(20);
  chunk.writeUInt32BE(8, 0);
  chunk.write('acTL', 4);
  return Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]);
}

interface Row {
  what: string;
  file: () => Promise<Uint8Array> | Uint8Array;
  /** The name's ending. */
  as: string;
  range?: ValueRange;
  /** What is read: pixels to the bit, or with a tolerance for formats that lose something. */
  read?: { pixels: Uint8Array; within?: number; how: string };
  /** What the message says was found. */
  refused?: string;
  turned?: boolean;
}

const asStored = 'as it is';
const colour = { pixels: colours, how: asStored };
const greyscale = { pixels: inAll(grey), how: 'the value in all three channels' };
const lossy = { pixels: smooth, within: 12, how: 'as decoded' };
const upper = (pixels: Uint8Array) => ({
  pixels,
  how: 'by the data set’s scale: the upper 8 of the 12 bits',
});

const ROWS: Row[] = [
  { what: 'PNG, 8 bits', as: 'png', file: () => picture().png().toBuffer(), read: colour },
  {
    what: 'PNG, greyscale',
    as: 'png',
    file: () => greyPicture().png().toBuffer(),
    read: greyscale,
  },
  {
    what: 'PNG, palette',
    as: 'png',
    file: () => raw(inAll(shallow)).png({ palette: true, colours: 4, dither: 0 }).toBuffer(),
    read: { pixels: inAll(shallow), how: 'its colours' },
  },
  {
    what: 'PNG, interlaced',
    as: 'png',
    file: () => picture().png({ progressive: true }).toBuffer(),
    read: colour,
  },
  {
    what: 'PNG with alpha',
    as: 'png',
    file: () => raw(withAlpha(colours), 4).png().toBuffer(),
    read: { pixels: colours, how: 'alpha left out, the colours as stored' },
  },
  {
    what: 'PNG, 16 bits, all used',
    as: 'png',
    file: () =>
      raw(colours12.map((value) => value << 4))
        .toColourspace('rgb16')
        .png()
        .toBuffer(),
    read: { pixels: colours, how: 'the upper 8 bits' },
  },
  {
    what: 'PNG, 16 bits, 12 used, in a set of such',
    as: 'png',
    range: bitDepth12,
    file: () => deep().png().toBuffer(),
    read: upper(colours),
  },
  {
    what: 'PNG, 16 bits, 12 used, for a detector of 8-bit pictures',
    as: 'png',
    file: () => deepGrey().png().toBuffer(),
    refused: '16-bit values up to 4095',
  },
  {
    what: 'PNG, turned by EXIF',
    as: 'png',
    file: () => picture().withMetadata({ orientation: 6 }).png().toBuffer(),
    turned: true,
    read: { pixels: colours, how: 'upright' },
  },
  {
    what: 'PNG, animated (APNG)',
    as: 'png',
    file: async () => asApng(await picture().png().toBuffer()),
    refused: 'an animation, or several pictures in one file',
  },
  {
    what: 'JPEG',
    as: 'jpg',
    file: () => raw(smooth).jpeg({ quality: 98 }).toBuffer(),
    read: lossy,
  },
  {
    what: 'JPEG, progressive',
    as: 'jpeg',
    file: () => raw(smooth).jpeg({ quality: 98, progressive: true }).toBuffer(),
    read: lossy,
  },
  {
    what: 'JPEG, named .jpe or .jfif',
    as: 'jfif',
    file: () => raw(smooth).jpeg({ quality: 98 }).toBuffer(),
    read: lossy,
  },
  {
    what: 'JPEG, turned by EXIF',
    as: 'jpg',
    file: () => raw(smooth).withMetadata({ orientation: 6 }).jpeg({ quality: 98 }).toBuffer(),
    turned: true,
    read: { ...lossy, how: 'upright' },
  },
  {
    what: 'JPEG, CMYK',
    as: 'jpg',
    file: () => raw(smooth).toColourspace('cmyk').jpeg({ quality: 98 }).toBuffer(),
    read: { pixels: smooth, within: 60, how: 'converted to sRGB' },
  },
  {
    what: 'JPEG, 12 bits',
    as: 'jpg',
    file: () => Buffer.from('ffd8ffc1000b0c001000100101110000', 'hex'),
    refused: 'a JPEG of 12 bits a channel',
  },
  {
    what: 'JPEG, lossless',
    as: 'jpg',
    file: () => Buffer.from('ffd8ffc3000b08001000100101110000', 'hex'),
    refused: 'a JPEG of a kind not read (lossless)',
  },
  {
    what: 'JPEG, progressive, cut between two scans and closed',
    as: 'jpg',
    file: async () =>
      Buffer.concat([
        upToScan(await raw(smooth).jpeg({ progressive: true }).toBuffer(), 2),
        Uint8Array.of(0xff, 0xd9),
      ]),
    refused: 'a truncated file (scans of a progressive JPEG are missing)',
  },
  {
    what: 'JPEG, cut within its scan and closed',
    as: 'jpg',
    file: async () => {
      const whole = await picture().jpeg().toBuffer();
      return Buffer.concat([whole.subarray(0, whole.length - 300), Uint8Array.of(0xff, 0xd9)]);
    },
    refused: 'a truncated or damaged file',
  },
  ...(['none', 'lzw', 'deflate', 'packbits'] as const).map((compression) => ({
    what: `TIFF, 8 bits, compression ${compression}`,
    as: 'tif',
    file: () => picture().tiff({ compression }).toBuffer(),
    read: colour,
  })),
  {
    what: 'TIFF, tiled',
    as: 'tiff',
    file: () =>
      picture()
        .tiff({ compression: 'deflate', tile: true, tileWidth: 16, tileHeight: 16 })
        .toBuffer(),
    read: colour,
  },
  {
    what: 'TIFF, big',
    as: 'tif',
    file: () => picture().tiff({ compression: 'none', bigtiff: true }).toBuffer(),
    read: colour,
  },
  {
    what: 'TIFF, 1 bit, CCITT',
    as: 'tif',
    file: () =>
      raw(shallow, 1)
        .toColourspace('b-w')
        .tiff({ compression: 'ccittfax4', bitdepth: 1 })
        .toBuffer(),
    read: { pixels: inAll(shallow), how: 'black and white' },
  },
  {
    what: 'TIFF, white is zero',
    as: 'tif',
    file: () => tiffFile({ ...size, photometric: 0, data: inverted(grey) }),
    read: greyscale,
  },
  {
    what: 'TIFF, JPEG-compressed (YCbCr)',
    as: 'tif',
    file: () => raw(smooth).tiff({ compression: 'jpeg', quality: 98 }).toBuffer(),
    read: lossy,
  },
  {
    what: 'TIFF, 16 bits, 12 used, in a set of such',
    as: 'tif',
    range: bitDepth12,
    file: () => tiffFile({ ...size, bits: 16, data: bytesOf(grey12) }),
    read: upper(inAll(grey)),
  },
  {
    what: 'TIFF, 16 bits, RGB, 12 used, in a set of such',
    as: 'tif',
    range: bitDepth12,
    file: () =>
      tiffFile({ ...size, bits: 16, samples: 3, photometric: 2, data: bytesOf(colours12) }),
    read: upper(colours),
  },
  {
    what: 'TIFF, 16 bits, 12 used, white is zero',
    as: 'tif',
    range: bitDepth12,
    file: () =>
      tiffFile({
        ...size,
        bits: 16,
        photometric: 0,
        data: bytesOf(grey12.map((value) => 4095 - value)),
      }),
    read: upper(inAll(grey)),
  },
  {
    what: 'TIFF, 16 bits, 12 used, for a detector of 8-bit pictures',
    as: 'tif',
    file: () => tiffFile({ ...size, bits: 16, data: bytesOf(grey12) }),
    refused: '16-bit values up to 4095',
  },
  {
    what: 'TIFF, 16 bits, more used than in the set',
    as: 'tif',
    range: { samples: 'uint16', white: 1023 },
    file: () => tiffFile({ ...size, bits: 16, data: bytesOf(grey12) }),
    refused: '16-bit values up to 4095',
  },
  {
    what: '8-bit picture in a set of 12 bits',
    as: 'png',
    range: bitDepth12,
    file: () => picture().png().toBuffer(),
    refused: '8-bit values',
  },
  {
    what: 'TIFF, 32-bit whole numbers, in a set of such',
    as: 'tif',
    range: { samples: 'uint32', white: 4095 },
    file: () => tiffFile({ ...size, bits: 32, data: bytesOf(Uint32Array.from(grey12)) }),
    read: upper(inAll(grey)),
  },
  {
    what: 'TIFF, 32-bit floating point, in a set of such',
    as: 'tif',
    range: shares,
    file: () => tiffFile({ ...size, bits: 32, sampleFormat: 3, data: bytesOf(asShares(grey12)) }),
    read: {
      pixels: inAll(nearest(grey12)),
      how: 'by the data set’s scale: the nearest of 255 steps',
    },
  },
  {
    what: 'TIFF, 32-bit floating point, RGB, in a set of such',
    as: 'tif',
    range: shares,
    file: () =>
      tiffFile({
        ...size,
        bits: 32,
        samples: 3,
        photometric: 2,
        sampleFormat: 3,
        data: bytesOf(asShares(colours12)),
      }),
    read: { pixels: nearest(colours12), how: 'by the data set’s scale: the nearest of 255 steps' },
  },
  {
    what: 'TIFF, floating point, for a detector of 8-bit pictures',
    as: 'tif',
    file: () => tiffFile({ ...size, bits: 32, sampleFormat: 3, data: bytesOf(asShares(grey12)) }),
    refused: 'floating-point values up to 1',
  },
  {
    what: 'TIFF, floating point with NaN',
    as: 'tif',
    range: shares,
    file: () =>
      tiffFile({
        ...size,
        bits: 32,
        sampleFormat: 3,
        data: bytesOf(new Float32Array(COUNT).fill(NaN)),
      }),
    refused: 'NaN as a value',
  },
  {
    what: 'TIFF, floating point below 0',
    as: 'tif',
    range: shares,
    file: () =>
      tiffFile({
        ...size,
        bits: 32,
        sampleFormat: 3,
        data: bytesOf(new Float32Array(COUNT).fill(-0.5)),
      }),
    refused: 'a negative value (-0.5)',
  },
  {
    what: 'TIFF, 64-bit floating point (16-bit too)',
    as: 'tif',
    file: () => tiffFile({ ...size, bits: 64, sampleFormat: 3, data: new Uint8Array(8 * COUNT) }),
    refused: 'a TIFF of 64-bit floating-point numbers',
  },
  {
    what: 'TIFF, signed whole numbers',
    as: 'tif',
    file: () => tiffFile({ ...size, bits: 16, sampleFormat: 2, data: bytesOf(grey12) }),
    refused: 'a TIFF of 16-bit signed whole numbers',
  },
  {
    what: 'TIFF, bits that are a list of none',
    as: 'tif',
    file: () => {
      const bytes = Buffer.from(tiffFile({ ...size, bits: 8, data: new Uint8Array(COUNT) }));
      // The entry of BitsPerSample, tag 258, of type 3 (short): then how many there are.
      const entry = bytes.indexOf(Buffer.from([2, 1, 3, 0]));
      bytes.writeUInt32LE(0, entry + 4);
      return bytes;
    },
    refused: 'a TIFF of 0-bit numbers',
  },
  {
    what: 'TIFF, 12 bits, packed',
    as: 'tif',
    file: () => tiffFile({ ...size, bits: 12, data: packed(grey12, WIDTH, 12) }),
    refused: 'a TIFF of 12-bit numbers, packed',
  },
  {
    what: 'TIFF, CMYK',
    as: 'tif',
    file: () => raw(smooth).toColourspace('cmyk').tiff({ compression: 'none' }).toBuffer(),
    read: { pixels: smooth, within: 60, how: 'converted to sRGB' },
  },
  {
    what: 'TIFF, YCbCr, not compressed',
    as: 'tif',
    file: () => tiffFile({ ...size, samples: 3, photometric: 6, data: colours }),
    refused: 'a TIFF of YCbCr colours without JPEG compression',
  },
  {
    what: 'TIFF, CIELAB',
    as: 'tif',
    file: () => tiffFile({ ...size, samples: 3, photometric: 8, data: colours }),
    refused: 'a TIFF of CIELAB colours',
  },
  ...(
    [
      [50000, 'Zstandard'],
      [34712, 'JPEG 2000'],
      [34925, 'LZMA'],
      [50002, 'JPEG XL'],
    ] as const
  ).map(([compression, name]) => ({
    what: `TIFF, ${name}`,
    as: 'tif',
    file: () => tiffFile({ ...size, compression, data: grey }),
    refused: `a TIFF compressed with ${name}`,
  })),
  {
    what: 'TIFF, several pages',
    as: 'tif',
    file: () => tiffFile({ ...size, data: grey }, { ...size, data: grey }),
    refused: 'a TIFF of 2 pages',
  },
  {
    what: 'TIFF, 5 channels',
    as: 'tif',
    file: () =>
      tiffFile({
        ...size,
        samples: 5,
        photometric: 2,
        extraSamples: 0,
        data: new Uint8Array(5 * COUNT),
      }),
    refused: 'a TIFF of 5 channels',
  },
  {
    what: "TIFF, a camera's mosaic",
    as: 'tif',
    file: () => tiffFile({ ...size, bits: 16, photometric: 32803, data: bytesOf(grey12) }),
    refused: "a TIFF of a camera's raw mosaic",
  },
  {
    what: 'TIFF, turned by its orientation',
    as: 'tif',
    file: () => tiffFile({ ...size, samples: 3, photometric: 2, orientation: 6, data: colours }),
    turned: true,
    read: { pixels: colours, how: 'upright' },
  },
  {
    what: 'BMP, 24 bits (1, 4, 8 and 32 too)',
    as: 'bmp',
    file: () => readFileSync(fixture('small-24.bmp')),
    read: { pixels: new Uint8Array(0), how: asStored },
  },
  {
    what: 'BMP, run-length',
    as: 'bmp',
    file: () => {
      const bytes = Buffer.from(readFileSync(fixture('small-24.bmp')));
      bytes.writeUInt32LE(1, 30);
      return bytes;
    },
    refused: '24 bits with compression 1',
  },
  {
    what: 'WebP, lossless',
    as: 'webp',
    file: () => picture().webp({ lossless: true }).toBuffer(),
    read: colour,
  },
  {
    what: 'WebP, lossy',
    as: 'webp',
    file: () => raw(smooth).webp({ quality: 95 }).toBuffer(),
    read: lossy,
  },
  {
    what: 'WebP, animated',
    as: 'webp',
    file: () => frames().webp({ lossless: true }).toBuffer(),
    refused: 'an animation, or several pictures in one file',
  },
  {
    what: 'GIF',
    as: 'gif',
    file: () => raw(inAll(shallow)).gif({ dither: 0 }).toBuffer(),
    read: { pixels: inAll(shallow), how: asStored },
  },
  {
    what: 'GIF, animated',
    as: 'gif',
    file: () => frames().gif().toBuffer(),
    refused: 'an animation, or several pictures in one file',
  },
  {
    what: 'AVIF (8, 10 and 12 bits)',
    as: 'avif',
    file: () => raw(smooth).avif({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer(),
    read: lossy,
  },
  {
    what: 'HEIC',
    as: 'heic',
    file: () => readFileSync(fixture('small.heic')),
    refused: 'HEIC content (hevc)',
  },
  {
    what: 'PPM',
    as: 'ppm',
    file: () => netpbm(`P6\n# a comment\n${WIDTH} ${HEIGHT}\n255\n`, colours),
    read: colour,
  },
  {
    what: 'PPM, text',
    as: 'ppm',
    file: () => Buffer.from(`P3 ${WIDTH} ${HEIGHT} 255\n${colours.join(' ')}\n`),
    read: colour,
  },
  {
    what: 'PGM',
    as: 'pgm',
    file: () => netpbm(`P5 ${WIDTH} ${HEIGHT} 255\n`, grey),
    read: greyscale,
  },
  {
    what: 'PGM, 12 bits',
    as: 'pgm',
    file: () => netpbm(`P5 ${WIDTH} ${HEIGHT} 4095\n`, bigEndian(grey12)),
    read: {
      pixels: inAll(nearest(grey12)),
      how: 'the nearest of 255 steps: its header says what white is',
    },
  },
  {
    what: 'PGM, 16 bits, 12 used, in a set of such',
    as: 'pgm',
    range: bitDepth12,
    file: () => netpbm(`P5 ${WIDTH} ${HEIGHT} 65535\n`, bigEndian(grey12)),
    read: upper(inAll(grey)),
  },
  {
    what: 'PBM',
    as: 'pbm',
    file: () =>
      netpbm(
        `P4 ${WIDTH} ${HEIGHT}\n`,
        packed(
          shallow.map((value) => (value ? 0 : 1)),
          WIDTH,
          1,
        ),
      ),
    read: { pixels: inAll(shallow), how: 'black and white' },
  },
  {
    what: 'PGM, cut',
    as: 'pgm',
    file: () => netpbm(`P5 ${WIDTH} ${HEIGHT} 255\n`, grey.subarray(1)),
    refused: 'a truncated file',
  },
  {
    what: 'PFM, PAM',
    as: 'pfm',
    file: () => netpbm('PF 4 4 -1.0\n', new Uint8Array(192)),
    refused: 'a PFM file (floating point)',
  },
  {
    what: 'SVG',
    as: 'svg',
    file: () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    refused: 'SVG content',
  },
  ...[
    ['a JPEG XL image', 'ff0a'],
    ['a JPEG 2000 image', '0000000c6a502020'],
    ['a Photoshop file', '38425053'],
    ['an OpenEXR image', '762f3101'],
    ['a Radiance HDR image', '233f52414449414e4345'],
    ['a DDS image', '44445320'],
    ['an icon (ICO)', '00000100'],
    ['a FITS image', '53494d504c45202020'],
  ].map(([name, start]) => ({
    what: name.replace(/^an? /, ''),
    as: 'png',
    file: () => begins(start),
    refused: name,
  })),
  {
    what: 'DICOM',
    as: 'dcm',
    file: () => Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), Buffer.alloc(99)]),
    refused: 'a DICOM image',
  },
  { what: 'PDF', as: 'pdf', file: () => Buffer.from('%PDF-1.7\n'), refused: 'a PDF' },
  { what: 'NumPy array', as: 'npy', file: () => begins('934e554d5059'), refused: 'a NumPy array' },
  {
    what: 'a file of another kind under a picture’s name',
    as: 'png',
    file: () => Buffer.from('<html>'),
    refused: 'something else (it begins with "<html>")',
  },
  {
    what: 'an empty file',
    as: 'png',
    file: () => new Uint8Array(0),
    refused: 'an empty file (0 bytes)',
  },
];

/** The picture as a viewer shows it whose file has orientation 6: the first row stored is the right-most column. */
function quarterTurn(pixels: Uint8Array): Uint8Array {
  const turned = new Uint8Array(pixels.length);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const from = 3 * (y * WIDTH + x);
      turned.set(pixels.subarray(from, from + 3), 3 * (x * HEIGHT + HEIGHT - 1 - y));
    }
  }
  return turned;
}

const PAGE = path.join(__dirname, '../../docs/formats.md');

describe('formats of pictures', () => {
  const { write } = temporaryFolder();

  for (const [i, row] of ROWS.entries()) {
    const { what, as, file, range, read, refused, turned } = row;
    it(`${what}: ${refused === undefined ? 'read' : 'refused'}`, async () => {
      const name = write(`${i}.${as}`, await file());
      const load = () => loadRgb(name, { valueRange: range });
      if (refused !== undefined) {
        await assert.rejects(load(), (error: Error) => {
          assert.equal(error.name, 'ImageFileError');
          assert.ok(error.message.startsWith(`${name}: expected `), error.message);
          assert.ok(error.message.includes(`found ${refused}`), error.message);
          return true;
        });
        return;
      }
      const image = await load();
      if (as === 'bmp') {
        const { data } = await loadRgb(fixture('small.png'));
        assert.deepEqual(Buffer.from(image.data), Buffer.from(data));
        return;
      }
      assert.equal(`${image.width} x ${image.height}`, turned ? '20 x 24' : '24 x 20');
      const { pixels, within = 0 } = read!;
      const expected = turned ? quarterTurn(pixels) : pixels;
      const furthest = expected.reduce(
        (most, value, k) => Math.max(most, Math.abs(value - image.data[k])),
        0,
      );
      assert.equal(image.data.length, expected.length);
      assert.ok(furthest <= within, `a channel is off by ${furthest}`);
    });
  }

  it('are listed in docs/formats.md (UPDATE_SNAPSHOTS=1 writes the table)', () => {
    const page = readFileSync(PAGE, 'utf8');
    const lines = ROWS.map(({ what, read, refused }) => [
      what,
      read ? `read: ${read.how}` : `refused: “${refused}”`,
    ]);
    const widths = [0, 1].map((column) => Math.max(...lines.map((line) => line[column].length)));
    const line = (cells: string[]) =>
      `| ${cells.map((cell, k) => cell.padEnd(widths[k])).join(' | ')} |`;
    const table = [
      line(['picture', 'what happens']),
      line(widths.map((width) => '-'.repeat(width))),
      ...lines.map(line),
    ].join('\n');
    const [before, , after] = page.split(/<!-- table -->\n\n|\n\n<!-- end of table -->/);
    const wanted = `${before}<!-- table -->\n\n${table}\n\n<!-- end of table -->${after}`;
    if (process.env.UPDATE_SNAPSHOTS === '1') writeFileSync(PAGE, wanted);
    assert.equal(readFileSync(PAGE, 'utf8'), wanted);
  });
});
