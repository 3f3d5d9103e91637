import assert from 'node:assert/strict';
import { basename } from 'node:path';
import sharp from 'sharp';
import type { Sharp } from 'sharp';
import { inspectImages, masksAmong } from '../../src/lib/data/inspect-images';
import type { Inspection } from '../../src/lib/data/inspect-images';
import { Random } from '../../src/lib/random/random';
import { temporaryFolder } from './temporary-folder';

const SIDE = 96;

describe('inspectImages', () => {
  const { write } = temporaryFolder();
  const random = Random.fromSeed(3).fork('pictures');
  let found: Inspection;

  /** A plain part with noise: no two alike. */
  const picture = (scale = 1): Sharp => {
    const data = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
      const [x, y] = [Math.floor(i / 3) % SIDE, Math.floor(i / 3 / SIDE)];
      const grey = 110 + 40 * Math.sin(x / 15) + 15 * Math.cos(y / 11) + 8 * random.normal();
      return Math.max(0, Math.min(255, scale * grey));
    });
    return sharp(data, { raw: { width: SIDE, height: SIDE, channels: 3 } });
  };

  before(async () => {
    const names: [string, Buffer][] = [];
    for (let i = 0; i < 12; i++) names.push([`${i}.png`, await picture().png().toBuffer()]);
    const mask = await sharp(Buffer.from(names[0][1])).threshold(120).png().toBuffer();
    names.push(
      ['dark.png', await picture(0.4).png().toBuffer()],
      ['bright.png', await picture(1.5).png().toBuffer()],
      ['blurred.png', await picture().blur(4).png().toBuffer()],
      ['turned.png', await picture().flop().png().toBuffer()],
      ['small.png', await picture().resize(90, 96, { fit: 'fill' }).png().toBuffer()],
      ['mask.png', mask],
      ['copy.png', names[4][1]],
      ['again.jpg', await sharp(names[5][1]).jpeg({ quality: 90 }).toBuffer()],
      ['cut.png', names[1][1].subarray(0, 300)],
    );
    const samples = names.map(([name, bytes], i) => ({
      file: write(name, bytes),
      defect: 'good',
      role: i < 12 ? 'train' : 'test',
    }));
    found = await inspectImages(samples);
  });

  const names = (indices: readonly number[] = []) =>
    indices.map((i) => basename(found.images[i].file));

  it('names each kind of odd picture, and no ordinary one', () => {
    assert.deepEqual(
      Object.fromEntries(Object.entries(found.oddities).map(([kind, list]) => [kind, names(list)])),
      {
        unreadable: ['cut.png'],
        dark: ['dark.png'],
        bright: ['bright.png'],
        blurred: ['blurred.png'],
        'framed differently': ['turned.png', 'mask.png'].filter((name) =>
          names(found.oddities['framed differently']).includes(name),
        ),
        'another size': ['small.png'],
        'like a mask': ['mask.png'],
      },
    );
    assert.ok(names(found.oddities['framed differently']).includes('turned.png'));
    assert.match(found.images.at(-1)!.error!, /^expected a whole .* found a truncated/);
  });

  it('finds exact copies, and a picture that was stored again', () => {
    assert.deepEqual(found.copies.map(names), [['4.png', 'copy.png']]);
    assert.deepEqual(
      found.nearCopies.map(({ a, b }) => names([a, b])),
      [['5.png', 'again.jpg']],
    );
  });

  it('tells masks among pictures by their content', async () => {
    const files = found.images.map(({ file }) => file);
    assert.deepEqual(
      (await masksAmong(files)).map((file) => basename(file)),
      ['mask.png'],
    );
  });

  it('says what each file is', () => {
    const [{ look }] = found.images;
    assert.deepEqual(
      [look!.width, look!.height, look!.format, look!.bits, look!.channels],
      [SIDE, SIDE, 'png', 8, 3],
    );
    assert.ok(Math.abs(look!.brightness - 110) < 25);
  });
});
