import assert from 'node:assert/strict';
import fc from 'fast-check';
import { loadRgb } from '../../src/lib/data/image';
import { resample, ResizeFilter } from '../../src/lib/data/resample';
import { fixture } from './fixture';

const filter = fc.constantFrom<ResizeFilter>('bilinear', 'lanczos3');
const side = fc.integer({ min: 1, max: 40 });

describe('resample', () => {
  for (const name of ['bilinear', 'lanczos3'] as const) {
    for (const size of ['16x16', '61x20', '7x90', '97x75', '1x1']) {
      it(`gives PIL's ${name} result bit for bit, 61 x 47 to ${size}`, async () => {
        const picture = await loadRgb(fixture('picture.png'));
        const golden = await loadRgb(fixture(`picture-${name}-${size}.png`));
        assert.equal(`${golden.width}x${golden.height}`, size);
        const resized = resample(picture.data, picture, golden, name);
        assert.deepEqual(Buffer.from(resized), Buffer.from(golden.data));
      });
    }
  }

  for (const name of ['bilinear', 'lanczos3'] as const) {
    it(`takes the width first, as Pillow until 12 does, where Pillow 13 does not: ${name}`, async () => {
      const picture = await loadRgb(fixture('picture.png'));
      const golden = await loadRgb(fixture(`picture-${name}-58x20-width-first.png`));
      const resized = resample(picture.data, picture, golden, name);
      assert.deepEqual(Buffer.from(resized), Buffer.from(golden.data));
      const other = await loadRgb(fixture(`picture-${name}-58x20-height-first.png`));
      assert.notDeepEqual(Buffer.from(resized), Buffer.from(other.data));
      // The whole difference is the order of the two passes, each rounded to 8 bits.
      const low = { height: 20, width: 61 };
      const heightFirst = resample(resample(picture.data, picture, low, name), low, other, name);
      assert.deepEqual(Buffer.from(heightFirst), Buffer.from(other.data));
    });
  }

  it('keeps an even surface even, at any size', () => {
    fc.assert(
      fc.property(side, side, side, side, fc.nat(255), filter, (w, h, w2, h2, value, name) => {
        const resized = resample(
          new Uint8Array(w * h * 3).fill(value),
          { height: h, width: w },
          { height: h2, width: w2 },
          name,
        );
        assert.equal(resized.length, w2 * h2 * 3);
        assert.ok(resized.every((x) => x === value));
      }),
    );
  });

  it('stays within the range of the image when bilinear', () => {
    const image = fc.tuple(
      side,
      side,
      side,
      side,
      fc.infiniteStream(fc.integer({ min: 60, max: 180 })),
    );
    fc.assert(
      fc.property(image, ([w, h, w2, h2, values]) => {
        const data = Uint8Array.from({ length: w * h }, () => values.next().value);
        const low = Math.min(...data);
        const high = Math.max(...data);
        const resized = resample(data, { height: h, width: w }, { height: h2, width: w2 });
        assert.ok(resized.every((x) => x >= low && x <= high));
      }),
    );
  });

  it('treats the channels alike and apart', () => {
    const grey = Uint8Array.from({ length: 20 * 14 }, (_, i) => (i * 89) % 256);
    const rgb = Uint8Array.from({ length: 3 * grey.length }, (_, i) =>
      i % 3 === 1 ? grey[Math.floor(i / 3)] : 0,
    );
    const green = resample(rgb, { height: 14, width: 20 }, { height: 23, width: 9 }).filter(
      (_, i) => i % 3 === 1,
    );
    assert.deepEqual(green, resample(grey, { height: 14, width: 20 }, { height: 23, width: 9 }));
  });

  it('returns the same pixels at the same size', () => {
    const data = Uint8Array.from({ length: 5 * 4 * 3 }, (_, i) => i);
    assert.deepEqual(
      resample(data, { height: 4, width: 5 }, { height: 4, width: 5 }, 'lanczos3'),
      data,
    );
  });
});
