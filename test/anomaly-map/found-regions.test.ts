import assert from 'node:assert/strict';
import { foundRegions } from '../../src/lib/anomaly-map/found-regions';
import type { Point } from '../../src/lib/anomaly-map/found-regions';

/** A map drawn with digits; a dot is 0. */
function drawn(...rows: string[]) {
  const size = { height: rows.length, width: rows[0].length };
  const map = Float32Array.from(rows.join(''), (c) => (c === '.' ? 0 : Number(c)));
  return { map, size };
}

const find = (rows: string[], picture?: { height: number; width: number }, threshold = 0.5) => {
  const { map, size } = drawn(...rows);
  return foundRegions(map, size, picture ?? size, threshold);
};

const areaOf = (ring: Point[]) =>
  ring.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = ring[(i + 1) % ring.length];
    return sum + (x * nextY - nextX * y) / 2;
  }, 0);

describe('foundRegions', () => {
  it('gives box, area, peak and contour of each region, the highest first', () => {
    const { regions, mask } = find(['......', '.11...', '.11.2.', '....3.', '......']);
    assert.deepEqual(regions, [
      {
        box: [4, 2, 1, 2],
        area: 2,
        peak: 3,
        contours: [
          [
            [4, 2],
            [5, 2],
            [5, 4],
            [4, 4],
          ],
        ],
      },
      {
        box: [1, 1, 2, 2],
        area: 4,
        peak: 1,
        contours: [
          [
            [1, 1],
            [3, 1],
            [3, 3],
            [1, 3],
          ],
        ],
      },
    ]);
    assert.equal(
      mask.data.reduce((sum, value) => sum + value, 0),
      6,
    );
  });

  it('has one line around pixels that touch at a corner, and one around each hole', () => {
    const { regions } = find(['1..', '.11']);
    assert.equal(regions.length, 1);
    assert.equal(regions[0].contours.length, 1);
    assert.equal(areaOf(regions[0].contours[0]), 3);
    const [ring] = find(['.....', '.111.', '.1.1.', '.111.', '.....']).regions;
    assert.equal(ring.area, 8);
    assert.deepEqual(ring.contours.map(areaOf), [9, -1]);
    // Two holes that meet at a corner: each with its own line.
    const [two] = find(['1111', '1.11', '11.1', '1111']).regions;
    assert.equal(
      two.contours.reduce((sum, contour) => sum + areaOf(contour), 0),
      14,
    );
  });

  it('is in pixels of the picture, which need not be square', () => {
    const { regions, mask } = find(['....', '.99.', '....'], { height: 30, width: 80 });
    assert.deepEqual([mask.width, mask.height], [80, 30]);
    const [{ box, area, contours }] = regions;
    // Above half of the way down to the neighbours: 20 to 60 pixels across, and some more.
    assert.ok(box[0] > 10 && box[0] < 20 && box[2] > 40 && box[2] < 60, `${box}`);
    assert.ok(box[1] > 5 && box[1] < 10 && box[3] > 10 && box[3] < 20, `${box}`);
    assert.ok(Math.abs(areaOf(contours[0]) / area - 1) < 0.1);
  });

  it('loses no pixel of the map, however small the picture', () => {
    const rows = ['........', '........', '....1...', '........'];
    for (const picture of [
      { height: 2, width: 4 },
      { height: 5, width: 9 },
      { height: 401, width: 803 },
    ]) {
      const { regions } = find(rows, picture, 0.999);
      assert.equal(regions.length, 1, JSON.stringify(picture));
      const [{ box, area }] = regions;
      assert.ok(box[0] >= 0 && box[0] + box[2] <= picture.width && area > 0, `${box}`);
    }
  });

  it('takes a picture larger than its own mask', () => {
    const picture = { height: 12000, width: 9000 };
    const { regions, mask } = find(['...', '.1.', '...', '...'], picture);
    assert.ok(mask.width * mask.height <= 16.1e6);
    const [x, y, width, height] = regions[0].box;
    assert.ok(Math.abs(x + width / 2 - 4500) < 10 && Math.abs(y + height / 2 - 4500) < 10);
  });

  it('finds nothing where nothing is above the threshold, and refuses another size', () => {
    assert.deepEqual(find(['11', '11'], undefined, 1).regions, []);
    const size = { height: 2, width: 2 };
    assert.throws(
      () => foundRegions(new Float32Array(3), size, size, 1),
      /2 x 2 = 4 values, found 3/,
    );
  });
});
