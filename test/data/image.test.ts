import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { openImage } from '../../src/lib/data/decode';
import type { ImageSize } from '../../src/lib/metrics/scores';
import { loadRgb } from '../../src/lib/data/image';
import { withClaimedSize } from './claimed-size';
import { fixture } from './fixture';
import { temporaryFolder } from './temporary-folder';

const WIDTH = 12;
const HEIGHT = 10;
const pixels = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => (i * 7919) % 251);
const picture = () => sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });

function refusal(file: string, pattern: RegExp) {
  return async (promise: Promise<unknown>) =>
    assert.rejects(promise, (error: Error) => {
      assert.equal(error.name, 'ImageFileError');
      assert.ok(error.message.startsWith(`${file}: expected `), error.message);
      assert.match(error.message, pattern);
      return true;
    });
}

describe('loadRgb', () => {
  const { path, write } = temporaryFolder();

  async function load(name: string, content: Uint8Array) {
    const file = write(name, content);
    const { height, width, data } = await loadRgb(file);
    const header = await openImage(file);
    assert.deepEqual([header.height, header.width], [height, width]);
    return { height, width, data };
  }

  it('reads the pixels of a PNG as they are', async () => {
    const image = await load('rgb.png', await picture().png().toBuffer());
    assert.deepEqual(image, { width: WIDTH, height: HEIGHT, data: Buffer.from(pixels) });
  });

  it('reads TIFF and lossless WebP alike', async () => {
    const tiff = await load('rgb.tif', await picture().tiff({ compression: 'lzw' }).toBuffer());
    const webp = await load('rgb.webp', await picture().webp({ lossless: true }).toBuffer());
    assert.deepEqual(Buffer.from(tiff.data), Buffer.from(pixels));
    assert.deepEqual(Buffer.from(webp.data), Buffer.from(pixels));
  });

  it('reads a JPEG', async () => {
    const even = sharp({ create: { width: 16, height: 16, channels: 3, background: '#406080' } });
    const { data } = await load('even.jpg', await even.jpeg().toBuffer());
    for (let i = 0; i < data.length; i++) assert.ok(Math.abs(data[i] - 0x40 - 0x20 * (i % 3)) < 3);
  });

  it('goes by the content, not by the ending of the name', async () => {
    const { data } = await load('really-a-png.jpg', await picture().png().toBuffer());
    assert.deepEqual(Buffer.from(data), Buffer.from(pixels));
  });

  it('repeats a greyscale value in the three channels', async () => {
    const grey = Uint8Array.from({ length: 20 }, (_, i) => 13 * i);
    const png = await sharp(grey, { raw: { width: 5, height: 4, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toBuffer();
    assert.equal((await sharp(png).metadata()).channels, 1);
    const { data } = await load('grey.png', png);
    assert.deepEqual(
      [...data],
      [...grey].flatMap((value) => [value, value, value]),
    );
  });

  it('looks up the colours of a palette', async () => {
    const png = await picture().png({ palette: true, colours: 256, dither: 0 }).toBuffer();
    assert.equal((await sharp(png).metadata()).isPalette, true);
    const { data } = await load('palette.png', png);
    assert.deepEqual(Buffer.from(data), Buffer.from(pixels));
  });

  it('drops alpha and keeps the colours below it', async () => {
    const { data } = await load('alpha.png', await picture().ensureAlpha(0).png().toBuffer());
    assert.deepEqual(Buffer.from(data), Buffer.from(pixels));
  });

  it('takes the high byte of 16-bit channels', async () => {
    const deep = Uint16Array.from({ length: 3 * 4 }, (_, i) => 5000 * i + 77);
    const png = await sharp(deep, { raw: { width: 2, height: 2, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    assert.equal((await sharp(png).metadata()).depth, 'ushort');
    const { data } = await load('deep.png', png);
    assert.deepEqual(
      [...data],
      [...deep].map((value) => value >> 8),
    );
  });

  it('turns a 16-bit greyscale image into three equal channels', async () => {
    const deep = Uint16Array.from([0, 256, 0x8000, 0xffff]);
    const png = await sharp(deep, { raw: { width: 2, height: 2, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    assert.deepEqual((await sharp(png).metadata()).space, 'grey16');
    const { data } = await load('deep-grey.png', png);
    assert.deepEqual([...data], [0, 0, 0, 1, 1, 1, 128, 128, 128, 255, 255, 255]);
  });

  it('stands an EXIF-rotated image upright', async () => {
    const png = await picture().withMetadata({ orientation: 6 }).png().toBuffer();
    const image = await load('turned.png', png);
    assert.deepEqual([image.width, image.height], [HEIGHT, WIDTH]);
    // Orientation 6: the first row stored is the right-most column seen.
    const topRight = 3 * (HEIGHT - 1);
    assert.deepEqual([...image.data.slice(topRight, topRight + 3)], [...pixels.slice(0, 3)]);
    const bottomRight = 3 * (HEIGHT * WIDTH - 1);
    const firstRowEnd = 3 * (WIDTH - 1);
    assert.deepEqual(
      [...image.data.slice(bottomRight)],
      [...pixels.slice(firstRowEnd, firstRowEnd + 3)],
    );
  });

  it('converts CMYK to about the colours that it was made from', async () => {
    const golden = await loadRgb(fixture('small.png'));
    const { data } = await loadRgb(fixture('small-cmyk.jpg'));
    const sum = data.reduce((total, value, i) => total + Math.abs(value - golden.data[i]), 0);
    assert.equal(data.length, golden.data.length);
    assert.ok(sum / data.length < 40, `mean difference ${sum / data.length}`);
  });

  it('reads the bitmaps that sharp leaves out', async () => {
    const pairs = [
      ['small-24.bmp', 'small.png'],
      ['small-32.bmp', 'small.png'],
      ['small-8.bmp', 'small-grey.png'],
      ['small-1.bmp', 'small-bits.png'],
    ];
    for (const [bmp, png] of pairs) {
      const { width, height, data } = await loadRgb(fixture(bmp));
      assert.deepEqual([width, height], [13, 9]);
      assert.deepEqual(Buffer.from(data), Buffer.from((await loadRgb(fixture(png))).data), bmp);
    }
  });

  it('resizes to the size asked for', async () => {
    const file = fixture('picture.png');
    const { width, height, data } = await loadRgb(file, {
      size: { height: 90, width: 7 },
      filter: 'lanczos3',
    });
    assert.deepEqual([width, height, data.length], [7, 90, 7 * 90 * 3]);
    const golden = await loadRgb(fixture('picture-lanczos3-7x90.png'));
    assert.deepEqual(Buffer.from(data), Buffer.from(golden.data));
  });

  it("reads a BMP's size from its header alone", async () => {
    const header = readFileSync(fixture('small-24.bmp')).subarray(0, 60);
    const { format, height, width } = await openImage(write('header.bmp', header));
    assert.deepEqual({ format, height, width }, { format: 'bmp', height: 9, width: 13 });
  });

  it('reads a file anew when it was rewritten', async () => {
    const png = (grey: number) =>
      sharp({ create: { width: 4, height: 4, channels: 3, background: { r: grey, g: 0, b: 0 } } })
        .png()
        .toBuffer();
    assert.equal((await load('rewritten.png', await png(10))).data[0], 10);
    assert.equal((await load('rewritten.png', await png(20))).data[0], 20);
  });

  it('refuses a size that is none', async () => {
    for (const size of [
      { height: 4, width: 0 },
      { height: 2.5, width: 4 },
      { height: 4, width: -1 },
      { height: NaN, width: 4 },
      [4, 4] as unknown as ImageSize,
    ]) {
      await assert.rejects(
        loadRgb(fixture('picture.png'), { size }),
        /whole pixels, found \{ height: /,
      );
    }
  });

  describe('refuses, naming the file,', () => {
    it('a missing file', async () => {
      const file = path('missing.png');
      await refusal(file, /a PNG, JPEG, .* image, found no such file$/)(loadRgb(file));
    });

    it('a folder', async () => {
      const file = path('.');
      await refusal(file, /found a folder$/)(loadRgb(file));
    });

    it('an empty file', async () => {
      const file = write('empty.png', '');
      await refusal(file, /found an empty file \(0 bytes\)$/)(loadRgb(file));
    });

    it('text', async () => {
      const file = write('page.png', '<html>\n<body>404</body>');
      await refusal(file, /something else \(it begins with "<html>\\n<body"\)$/)(loadRgb(file));
    });

    it('unknown bytes', async () => {
      const file = write('noise.png', Uint8Array.from([1, 2, 3, 255, 0, 9]));
      await refusal(file, /something else \(it begins with 010203ff0009\)$/)(loadRgb(file));
    });

    it('a drawing', async () => {
      const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
      const file = write('drawing.png', svg);
      await refusal(file, /found SVG content$/)(loadRgb(file));
    });

    for (const share of [0.1, 0.5, 0.9]) {
      it(`a PNG, JPEG, TIFF, WebP or BMP cut at ${share * 100} %`, async () => {
        const whole: Record<string, Uint8Array> = {
          png: await picture().png().toBuffer(),
          jpg: await picture().resize(64, 64).jpeg().toBuffer(),
          tif: await picture().tiff({ compression: 'lzw' }).toBuffer(),
          webp: await picture().webp().toBuffer(),
          bmp: readFileSync(fixture('small-24.bmp')),
        };
        for (const [ending, bytes] of Object.entries(whole)) {
          const cut = bytes.slice(0, Math.floor(bytes.length * share));
          const file = write(`cut.${ending}`, cut);
          await refusal(file, /found (a truncated|a BMP header cut)/)(loadRgb(file));
        }
      });
    }

    it('a PNG with a damaged byte', async () => {
      const bytes = await picture().png().toBuffer();
      bytes[bytes.length >> 1] ^= 0xff;
      const file = write('damaged.png', bytes);
      await refusal(file, /a whole .* image, found a truncated or damaged file \(/)(loadRgb(file));
    });

    it('a bitmap without pixels, and one of a kind not read', async () => {
      const bytes = readFileSync(fixture('small-24.bmp'));
      const empty = Buffer.from(bytes);
      empty.writeInt32LE(0, 18);
      const none = write('none.bmp', empty);
      await refusal(none, /found a size of 0 x 9 pixels$/)(loadRgb(none));
      const packed = Buffer.from(bytes);
      packed.writeUInt32LE(1, 30);
      const rle = write('rle.bmp', packed);
      await refusal(rle, /found 24 bits with compression 1$/)(loadRgb(rle));
    });

    it('a PNG of more pixels than can be meant', async () => {
      const png = await picture().png().toBuffer();
      const bomb = withClaimedSize(png, { height: 100_000, width: 100_000 });
      const file = write('bomb.png', bomb);
      await refusal(file, /found more pixels than the limit of 268 million$/)(loadRgb(file));
    });

    it('a BMP whose pixels would begin inside its header or palette', async () => {
      for (const [name, start] of [
        ['small-24.bmp', 53],
        ['small-8.bmp', 54],
      ] as const) {
        const bytes = Buffer.from(readFileSync(fixture(name)));
        bytes.writeUInt32LE(start, 10);
        const file = write(name, bytes);
        await refusal(
          file,
          /found pixels at byte 5\d, inside its header of \d+ bytes/,
        )(loadRgb(file));
      }
    });

    it('a BMP of more pixels than any other image may have', async () => {
      const bytes = readFileSync(fixture('small-24.bmp'));
      bytes.writeInt32LE(16384, 18);
      bytes.writeInt32LE(-16383, 22);
      const file = write('bomb.bmp', bytes);
      await refusal(file, /found more pixels than the limit of 268 million$/)(loadRgb(file));
      bytes.writeInt32LE(16383, 18);
      await refusal(file, /found a truncated file/)(loadRgb(write('bomb.bmp', bytes)));
    });

    it('a JPEG cut in the middle and closed with its end mark, also inside a TIFF', async () => {
      const large = () => picture().resize(200, 120);
      const endMark = Uint8Array.of(0xff, 0xd9);
      for (const progressive of [false, true]) {
        const whole = await large().jpeg({ progressive }).toBuffer();
        await load('whole.jpg', whole);
        const cut = Buffer.concat([whole.subarray(0, whole.length >> 1), endMark]);
        const file = write('closed.jpg', cut);
        await refusal(file, /found a truncated/)(loadRgb(file));
      }
      const tiff = await large().tiff({ compression: 'jpeg' }).toBuffer();
      await load('whole.tif', tiff);
      const scan = tiff.indexOf(Uint8Array.of(0xff, 0xda));
      tiff.set(endMark, scan + 500);
      const file = write('closed.tif', tiff);
      await refusal(file, /found a truncated or damaged file, or/)(loadRgb(file));
    });

    it('a PNG that says it is 0 pixels wide', async () => {
      const bytes = await picture().png().toBuffer();
      bytes.writeUInt32BE(0, 16);
      const file = write('zero.png', bytes);
      await refusal(file, /found a truncated or damaged file \(/)(loadRgb(file));
    });
  });
});
