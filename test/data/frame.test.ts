import assert from 'node:assert/strict';
import {
  framePicture,
  framingOf,
  mapInPicture,
  regionOf,
  shareOfRegionSeen,
  shareSeen,
} from '../../src/lib/data/frame';
import { frameMask } from '../../src/lib/data/load-frames';
import { resample } from '../../src/lib/data/resample';
import { mixedIntegers } from '../metrics/mixed-integers';

const picture = {
  height: 40,
  width: 120,
  data: Uint8Array.from(mixedIntegers(40 * 120 * 3, 1), (value) => value & 255),
};

describe('a region of interest in a detector’s frame', () => {
  const size = { height: 40, width: 120 };
  const roi = (isInside: (x: number, y: number) => boolean) => ({
    ...size,
    data: Uint8Array.from({ length: 40 * 120 }, (_, i) =>
      Number(isInside(i % 120, Math.floor(i / 120))),
    ),
  });
  const ramp = Float32Array.from({ length: 16 * 24 }, (_, i) => i % 24);

  it('counts as a whole as if there were none', () => {
    for (const fit of ['stretch', 'pad', 'crop'] as const) {
      const framing = framingOf(size, { height: 16, width: 24 }, fit);
      const whole = roi(() => true);
      assert.deepEqual(regionOf(framing, whole), regionOf(framing));
      assert.deepEqual(mapInPicture(ramp, framing, whole), mapInPicture(ramp, framing));
      assert.equal(shareOfRegionSeen(framing, whole), shareSeen(framing));
    }
  });

  it('has each pixel of the frame in which something of it lies, however small', () => {
    const framing = framingOf(size, { height: 16, width: 24 }, 'stretch');
    const region = regionOf(
      framing,
      roi((x, y) => x === 61 && y === 21),
    )!;
    // Five pixels to the right and two and a half down are one.
    const inside = Array.from(region.keys()).filter((i) => region[i] === 1);
    assert.deepEqual(inside, [8 * 24 + 12]);
  });

  it('has all that lies in one of its pixels where the picture is smaller than the frame', () => {
    const small = { height: 2, width: 2, data: Uint8Array.of(1, 0, 0, 0) };
    const framing = framingOf(small, { height: 4, width: 6 }, 'stretch');
    assert.deepEqual(
      [...regionOf(framing, small)!],
      [[1, 1, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0], Array(6).fill(0), Array(6).fill(0)].flat(),
    );
  });

  it('lets nothing from outside into the map, and leaves no pixel of it without a value', () => {
    const framing = framingOf(size, { height: 16, width: 24 }, 'stretch');
    const left = roi((x) => x < 60);
    const map = mapInPicture(
      ramp.map((value) => (value < 12 ? value : 1000)),
      framing,
      left,
    );
    map.forEach((value, i) => {
      if (i % 120 < 60) assert.ok(value <= 11, `${value} at x ${i % 120}`);
      else assert.ok(Number.isNaN(value));
    });
  });

  it('is seen in part where it is cropped', () => {
    const framing = framingOf(size, { height: 16, width: 16 }, 'crop');
    assert.equal(
      shareOfRegionSeen(
        framing,
        roi((x) => x < 60),
      ),
      20 / 60,
    );
    const outside = roi((x) => x < 10);
    assert.equal(shareOfRegionSeen(framing, outside), 0);
    assert.equal(regionOf(framing, outside)!.includes(1), false);
  });
});

describe('a picture in a detector’s frame', () => {
  it('is what resizing gives where it is stretched', () => {
    const framing = framingOf(picture, { height: 32, width: 64 }, 'stretch');
    const framed = framePicture(picture, framing);
    assert.deepEqual(framed, {
      height: 32,
      width: 64,
      data: resample(picture.data, picture, { height: 32, width: 64 }),
    });
    assert.equal(regionOf(framing), null);
    assert.equal(shareSeen(framing), 1);
  });

  it('keeps its shape where it is padded, and the padding counts nowhere', () => {
    const framing = framingOf(picture, { height: 48, width: 60 }, 'pad');
    assert.deepEqual(framing.place, { left: 0, top: 14, height: 20, width: 60 });
    assert.equal(shareSeen(framing), 1);
    const { data } = framePicture(picture, framing);
    assert.deepEqual([...data.subarray(0, 3)], [124, 116, 104]);
    const inside = resample(picture.data, picture, { height: 20, width: 60 });
    assert.deepEqual(data.slice(14 * 60 * 3, 34 * 60 * 3), inside);
    const region = regionOf(framing)!;
    assert.equal(region.indexOf(1), 14 * 60);
    assert.equal(region.lastIndexOf(1), 34 * 60 - 1);
    assert.equal(region.filter(Boolean).length, 20 * 60);
  });

  it('loses its border where it is cropped, which is told', () => {
    const framing = framingOf(picture, { height: 32, width: 32 }, 'crop');
    assert.deepEqual(framing.seen, { left: 40, top: 0, height: 40, width: 40 });
    assert.equal(shareSeen(framing), 1 / 3);
    assert.equal(regionOf(framing), null);
  });

  it('takes its mask along', () => {
    const data = new Uint8Array(40 * 120);
    data[5 * 120 + 50] = 1;
    data[5 * 120 + 3] = 1;
    const cropped = framingOf(picture, { height: 40, width: 40 }, 'crop');
    const mask = frameMask({ height: 40, width: 120, data }, cropped);
    assert.deepEqual([mask.data.indexOf(1), mask.data.lastIndexOf(1)], [5 * 40 + 10, 5 * 40 + 10]);
    const padded = framingOf(picture, { height: 144, width: 128 }, 'pad');
    const { left, top, height, width } = padded.place;
    assert.deepEqual([left, top, height, width], [0, 50, 43, 128]);
    assert.ok(frameMask({ height: 40, width: 120, data }, padded).data[(50 + 5) * 128 + 53] === 1);
  });

  it('has its map in its own size and place', () => {
    const padded = framingOf(picture, { height: 48, width: 120 }, 'pad');
    const map = Float32Array.from({ length: 48 * 120 }, (_, i) => i);
    assert.deepEqual(mapInPicture(map, padded), map.slice(4 * 120, 44 * 120));
    const cropped = framingOf(picture, { height: 80, width: 80 }, 'crop');
    const ramp = Float32Array.from({ length: 80 * 80 }, (_, i) => i % 80);
    const own = mapInPicture(ramp, cropped);
    assert.equal(own.length, 40 * 120);
    assert.ok(own.every((value, i) => Number.isNaN(value) === (i % 120 < 40 || i % 120 >= 80)));
    // Rises from left to right and not from top to bottom.
    assert.ok(own[40] < own[60] && own[60] < own[79] && own[60] === own[39 * 120 + 60]);
  });

  it('has a map that is enlarged with half-pixel centres', () => {
    const stretched = framingOf({ height: 1, width: 4 }, { height: 1, width: 2 }, 'stretch');
    assert.deepEqual([...mapInPicture(Float32Array.of(0, 4), stretched)], [0, 1, 3, 4]);
    assert.throws(() => mapInPicture(new Float32Array(3), stretched), /2 x 1 pixels, found 3/);
  });
});
