import assert from 'node:assert/strict';
import fc from 'fast-check';
import sharp from 'sharp';
import { loadMask } from '../../src/lib/data/mask';
import { withClaimedSize } from './claimed-size';
import { fixture } from './fixture';
import { temporaryFolder } from './temporary-folder';

type Space = 'b-w' | 'grey16' | 'srgb';

function png(values: Uint8Array | Uint16Array, channels: 1 | 3 | 4, width: number, space: Space) {
  const height = values.length / channels / width;
  return sharp(values, { raw: { width, height, channels } }).toColourspace(space).png().toBuffer();
}

describe('loadMask', () => {
  const { write } = temporaryFolder();

  it("picks the pixels that PIL's nearest neighbour picks", async () => {
    for (const size of [
      { height: 16, width: 16 },
      { height: 50, width: 80 },
    ]) {
      const golden = await loadMask(fixture(`mask-${size.width}x${size.height}.png`));
      const mask = await loadMask(fixture('mask.png'), { size });
      assert.deepEqual(mask, golden);
      const defective = mask.data.reduce((sum, value) => sum + value, 0);
      assert.ok(defective > 0 && defective < mask.data.length);
    }
  });

  it('takes every value above zero for a defect, down to 1 of 65535', async () => {
    const deep = Uint16Array.from([0, 1, 255, 256, 65535, 0]);
    const file = write('deep.png', await png(deep, 1, 3, 'grey16'));
    assert.equal((await sharp(file).metadata()).depth, 'ushort');
    assert.deepEqual([...(await loadMask(file)).data], [0, 1, 1, 1, 1, 0]);
    const shallow = write('8-bit.png', await png(Uint8Array.from([0, 1, 128, 255]), 1, 2, 'b-w'));
    assert.deepEqual([...(await loadMask(shallow)).data], [0, 1, 1, 1]);
  });

  it('looks at all colour channels, and not at alpha', async () => {
    const colours = [0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
    const rgb = write('rgb.png', await png(Uint8Array.from(colours), 3, 2, 'srgb'));
    assert.deepEqual([...(await loadMask(rgb)).data], [0, 1, 1, 1]);
    const withAlpha = [0, 0, 0, 255, 0, 0, 0, 0, 255, 255, 255, 255, 9, 9, 9, 0];
    const rgba = write('rgba.png', await png(Uint8Array.from(withAlpha), 4, 2, 'srgb'));
    assert.deepEqual([...(await loadMask(rgba)).data], [0, 0, 1, 1]);
  });

  it('reads one-bit bitmaps', async () => {
    const golden = await loadMask(fixture('small-bits.png'));
    assert.deepEqual(await loadMask(fixture('small-1.bmp')), golden);
  });

  it('keeps nothing but 0 and 1, and enlarges each pixel to a block', async () => {
    const shape = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }));
    await fc.assert(
      fc.asyncProperty(shape, fc.infiniteStream(fc.boolean()), async ([w, h], bits) => {
        const values = Uint8Array.from({ length: w * h }, () => (bits.next().value ? 255 : 0));
        const file = write('random.png', await png(values, 1, w, 'b-w'));
        const { data } = await loadMask(file, { size: { height: 2 * h, width: 3 * w } });
        data.forEach((value, i) => {
          const x = Math.floor((i % (3 * w)) / 3);
          const y = Math.floor(i / (3 * w) / 2);
          assert.equal(value, values[y * w + x] / 255);
        });
      }),
      { numRuns: 30 },
    );
  });

  it("accepts a mask of its image's size, whatever size both are resized to", async () => {
    const imageFile = fixture('picture.png');
    const mask = await loadMask(fixture('mask.png'), { size: { height: 6, width: 8 }, imageFile });
    assert.equal(mask.data.length, 48);
  });

  it('refuses a mask of another size than its image, naming both', async () => {
    const imageFile = fixture('picture.png');
    const file = fixture('mask-80x50.png');
    await assert.rejects(loadMask(file, { size: { height: 6, width: 8 }, imageFile }), {
      name: 'ImageFileError',
      message: `${file}: expected the 61 x 47 pixels of its image ${imageFile}, found 80 x 50`,
    });
  });

  it('compares the sizes before it decodes anything', async () => {
    const png = await sharp(fixture('mask.png')).png().toBuffer();
    const huge = write('huge.png', withClaimedSize(png, { height: 16000, width: 16001 }));
    const imageFile = fixture('picture.png');
    await assert.rejects(
      loadMask(huge, { imageFile }),
      /expected the 61 x 47 .* found 16001 x 16000/,
    );
  });

  it('compares with the image as it stands upright', async () => {
    const turned = sharp(fixture('picture.png')).withMetadata({ orientation: 8 });
    const imageFile = write('turned.jpg', await turned.jpeg().toBuffer());
    const lying = fixture('mask.png');
    const upright = write('upright.png', await sharp(lying).rotate(90).png().toBuffer());
    assert.equal((await loadMask(upright, { imageFile })).width, 47);
    await assert.rejects(loadMask(lying, { imageFile }), /expected the 47 x 61 pixels/);
  });

  it('refuses a JPEG, whose compression would spread the defect', async () => {
    const file = write('mask.jpg', await sharp(fixture('mask.png')).jpeg().toBuffer());
    await assert.rejects(loadMask(file), {
      message: `${file}: expected a mask in a lossless format (PNG, TIFF or BMP), found a JPEG`,
    });
  });

  it('refuses a truncated mask', async () => {
    const whole = await sharp(fixture('mask.png')).png().toBuffer();
    const file = write('cut.png', whole.subarray(0, whole.length - 20));
    await assert.rejects(loadMask(file), /cut\.png: expected a whole .* found a truncated/);
  });
});
