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
  const { path, write } = temporaryFolder();

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

  it('takes the one value above zero for a defect, down to 1 of 65535', async () => {
    for (const value of [1, 255, 256, 65535]) {
      const deep = Uint16Array.from([0, value, value, 0, value, 0]);
      const file = write('deep.png', await png(deep, 1, 3, 'grey16'));
      assert.equal((await sharp(file).metadata()).depth, 'ushort');
      assert.deepEqual([...(await loadMask(file)).data], [0, 1, 1, 0, 1, 0]);
    }
  });

  it('cuts many grey values at half of the largest, in 8 and in 16 bits', async () => {
    const shallow = write('8-bit.png', await png(Uint8Array.from([0, 127, 128, 255]), 1, 2, 'b-w'));
    assert.deepEqual([...(await loadMask(shallow)).data], [0, 0, 1, 1]);
    // 12 bits in 16.
    const deep = Uint16Array.from({ length: 64 }, (_, i) => 65 * i);
    const file = write('12-bit.png', await png(deep, 1, 8, 'grey16'));
    const { data } = await loadMask(file);
    assert.deepEqual(
      [...data],
      [...deep].map((value) => (value >= 2048 ? 1 : 0)),
    );
  });

  it('keeps the area of a disc with smooth edges, and of one that was a JPEG', async () => {
    const side = 64;
    const area = Math.PI * 20 ** 2;
    const smooth = Uint8Array.from({ length: side * side }, (_, i) => {
      const radius = Math.hypot((i % side) - 31.5, Math.floor(i / side) - 31.5);
      return Math.round(255 * Math.min(1, Math.max(0, 22.5 - radius) / 5));
    });
    const hard = smooth.map((value) => (value > 127 ? 255 : 0));
    const jpeg = await sharp(hard, { raw: { width: side, height: side, channels: 1 } })
      .jpeg({ quality: 60 })
      .toBuffer();
    const files = {
      smooth: write('smooth.png', await png(smooth, 1, side, 'b-w')),
      jpeg: write('jpeg.jpg', jpeg),
      stored: write('stored.png', await sharp(jpeg).toColourspace('b-w').png().toBuffer()),
    };
    for (const [name, file] of Object.entries(files)) {
      const defective = (await loadMask(file)).data.reduce((sum, value) => sum + value, 0);
      assert.ok(Math.abs(defective / area - 1) < 0.03, `${name}: ${defective} of ${area}`);
    }
  });

  it('takes plain areas of several values for labels, all of them defects', async () => {
    const stripes = Uint8Array.from(
      { length: 400 },
      (_, i) => [0, 60, 130, 255][((i % 20) / 5) | 0],
    );
    const { data } = await loadMask(write('labels.png', await png(stripes, 1, 20, 'b-w')));
    assert.deepEqual(
      data,
      stripes.map((value) => Math.min(1, value)),
    );
  });

  it('takes what is not transparent where all is of one colour', async () => {
    const rgba = Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 0]);
    const { data } = await loadMask(write('alpha.png', await png(rgba, 4, 2, 'srgb')));
    assert.deepEqual([...data], [0, 1, 1, 0]);
  });

  it('unites the masks in a folder', async () => {
    write('several/000.png', await png(Uint8Array.from([9, 0, 0, 0]), 1, 2, 'b-w'));
    const last = write('several/001.png', await png(Uint8Array.from([0, 0, 0, 7]), 1, 2, 'b-w'));
    const { data } = await loadMask(path('several'));
    assert.deepEqual([...data], [1, 0, 0, 1]);
    write('several/001.png', await png(Uint8Array.from([0, 1]), 1, 2, 'b-w'));
    await assert.rejects(loadMask(path('several')), { name: 'ImageFileError', file: last });
  });

  it('keeps a defect that is smaller than a pixel, and changes no other', async () => {
    const side = 64;
    const values = new Uint8Array(side * side);
    for (const i of [0, 1, 64, 65]) values[i + 5 * side + 9] = 255;
    for (let y = 30; y < 50; y++) values.fill(255, y * side + 33, y * side + 50);
    const file = write('tiny.png', await png(values, 1, side, 'b-w'));
    const size = { height: 8, width: 8 };
    const { data } = await loadMask(file, { size });
    assert.equal(data[0 * 8 + 1], 1, 'the small one');
    const large = values.map((value, i) => (i < 10 * side ? 0 : value));
    const alone = write('large.png', await png(large, 1, side, 'b-w'));
    const without = await loadMask(alone, { size });
    data[1] = 0;
    assert.deepEqual(data, without.data);
    // As picked by nearest neighbour: under the centres of the cells.
    without.data.forEach((value, i) => {
      const [x, y] = [8 * (i % 8) + 4, 8 * Math.floor(i / 8) + 4];
      assert.equal(value, large[y * side + x] / 255);
    });
  });

  it('looks at all colour channels, and not at alpha', async () => {
    const colours = [0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
    const rgb = write('rgb.png', await png(Uint8Array.from(colours), 3, 2, 'srgb'));
    assert.deepEqual([...(await loadMask(rgb)).data], [0, 1, 1, 1]);
    const withAlpha = [0, 0, 0, 255, 0, 0, 0, 0, 9, 9, 9, 255, 9, 9, 9, 0];
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
  });

  it('turns a mask that was drawn on the image as it is stored, by each of the quarter turns', async () => {
    const lying = fixture('mask.png');
    for (const orientation of [5, 6, 7, 8]) {
      const turned = sharp(fixture('picture.png')).withMetadata({ orientation });
      const imageFile = write('turned.jpg', await turned.jpeg().toBuffer());
      const viewed = await sharp(lying).withMetadata({ orientation }).png().toBuffer();
      const upright = await sharp(viewed).autoOrient().png().toBuffer();
      assert.deepEqual(
        await loadMask(lying, { imageFile }),
        await loadMask(write('upright.png', upright)),
        `orientation ${orientation}`,
      );
    }
  });

  it('does not guess whether a mask was turned where its size does not tell', async () => {
    const turned = sharp(fixture('picture.png')).withMetadata({ orientation: 3 });
    const imageFile = write('upside-down.jpg', await turned.jpeg().toBuffer());
    const file = fixture('mask.png');
    await assert.rejects(loadMask(file, { imageFile }), {
      name: 'ImageFileError',
      message: `${file}: expected a mask with the EXIF orientation of its image ${imageFile}, or both without one, found the image turned by EXIF (orientation 3), the mask not`,
    });
  });

  it('refuses a truncated mask', async () => {
    const whole = await sharp(fixture('mask.png')).png().toBuffer();
    const file = write('cut.png', whole.subarray(0, whole.length - 20));
    await assert.rejects(loadMask(file), /cut\.png: expected a whole .* found a truncated/);
  });
});
