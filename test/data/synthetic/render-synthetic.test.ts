import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { resample } from '../../../src/lib/data/resample';
import {
  renderSynthetic,
  SYNTHETIC_CATEGORIES,
} from '../../../src/lib/data/synthetic/render-synthetic';
import { renderAlmond } from '../../../src/lib/data/synthetic/almond';
import { ALMOND_DEFECTS } from '../../../src/lib/data/synthetic/almond-defects';
import { renderBottle } from '../../../src/lib/data/synthetic/bottle';
import { BOTTLE_DEFECTS } from '../../../src/lib/data/synthetic/bottle-defects';
import type { Rendering } from '../../../src/lib/data/synthetic/film';
import { renderGear } from '../../../src/lib/data/synthetic/gear';
import { GEAR_DEFECTS } from '../../../src/lib/data/synthetic/gear-defects';
import { renderLeather } from '../../../src/lib/data/synthetic/leather';
import { LEATHER_DEFECTS } from '../../../src/lib/data/synthetic/leather-defects';
import { Random } from '../../../src/lib/random/random';

const SIZE = 96;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const sum = (values: Uint8Array) => values.reduce((total, value) => total + value, 0);

/** Mean absolute difference of two pictures inside and outside a mask, in steps of 255. */
function difference(one: Rendering, other: Rendering, mask: Uint8Array) {
  const total = { inside: 0, outside: 0 };
  const count = { inside: 0, outside: 0 };
  mask.forEach((defect, i) => {
    const where = defect ? 'inside' : 'outside';
    for (let at = 3 * i; at < 3 * i + 3; at++) {
      total[where] += Math.abs(one.image.data[at] - other.image.data[at]);
      count[where]++;
    }
  });
  return { inside: total.inside / count.inside, outside: total.outside / count.outside };
}

describe('renderSynthetic', () => {
  it('draws the same bytes for the same seed, on every machine', () => {
    const bottle = { category: 'bottle', split: 'test', defect: 'broken_large', index: 0 } as const;
    const leather = { category: 'leather', split: 'test', defect: 'cut', index: 2 } as const;
    const gear = { category: 'gear', split: 'test', defect: 'burr', index: 0 } as const;
    const almond = { category: 'almond', split: 'test', defect: 'crack', index: 2 } as const;
    const hashes = [bottle, leather, gear, almond].map((spec) => {
      const { image, mask } = renderSynthetic({ ...spec, seed: 0, size: 32 });
      return [sha256(image.data).slice(0, 16), sha256(mask.data).slice(0, 16)];
    });
    assert.deepEqual(hashes, [
      ['708485f8e735f548', '9f7d2a0f5e535ac9'],
      ['19b42d57e1ede70e', '9bc978845e618cb7'],
      ['c20492bf8e3326bf', 'a2f14db94d2155ea'],
      ['bd5f6e768d7d2247', '6c21f292bd7acf87'],
    ]);
  });

  it('draws another picture for another seed, index, split or category', () => {
    const base = {
      category: 'bottle',
      split: 'train',
      defect: 'good',
      index: 0,
      seed: 0,
      size: 24,
    } as const;
    const others = [
      base,
      { ...base, seed: 1 },
      { ...base, index: 1 },
      { ...base, split: 'test' },
      { ...base, category: 'leather' },
    ] as const;
    const hashes = new Set(others.map((spec) => sha256(renderSynthetic(spec).image.data)));
    assert.equal(hashes.size, others.length);
  });

  it('draws the same scene at every size', () => {
    const meanDifference = (a: Uint8Array, b: Uint8Array) =>
      a.reduce((total, value, i) => total + Math.abs(value - b[i]), 0) / a.length;
    for (const category of SYNTHETIC_CATEGORIES.keys()) {
      const spec = { category, split: 'train', defect: 'good', seed: 2 } as const;
      const large = renderSynthetic({ ...spec, index: 4, size: 192 }).image;
      const small = renderSynthetic({ ...spec, index: 4, size: 64 }).image;
      const other = renderSynthetic({ ...spec, index: 5, size: 64 }).image;
      const reduced = resample(large.data, large, small);
      const same = meanDifference(reduced, small.data);
      const different = meanDifference(reduced, other.data);
      assert.ok(same < 0.6 * different, `${category}: ${same} and ${different}`);
    }
  });

  it('marks nothing on good pictures, and something on every defective one', () => {
    for (const [category, defects] of SYNTHETIC_CATEGORIES) {
      for (const defect of ['good', ...defects]) {
        for (let index = 0; index < 6; index++) {
          const spec = { category, split: 'test', defect, index, seed: 3, size: 64 } as const;
          const { mask } = renderSynthetic(spec);
          assert.ok(mask.data.every((value) => value === 0 || value === 1));
          const share = sum(mask.data) / mask.data.length;
          if (defect === 'good') assert.equal(share, 0);
          else assert.ok(share > 0 && share < 0.25, `${category} ${defect} ${index}: ${share}`);
        }
      }
    }
  });

  it('refuses a category, a defect or a size that it does not know', () => {
    const spec = {
      category: 'bottle',
      split: 'test',
      defect: 'good',
      index: 0,
      seed: 0,
      size: 8,
    } as const;
    assert.throws(
      () => renderSynthetic({ ...spec, category: 'cable' }),
      /No synthetic category 'cable': expected bottle, leather, gear, almond/,
    );
    assert.throws(
      () => renderSynthetic({ ...spec, defect: 'cut' }),
      /No synthetic bottle of type 'cut': expected good, broken_large, broken_small, contamination/,
    );
    assert.throws(
      () => renderSynthetic({ ...spec, size: 0.5 }),
      /whole number of pixels, found 0.5/,
    );
  });
});

describe('the defects', () => {
  type Draw = (seed: number, severity?: number) => Rendering;
  /** One drawing function for each type of defect; without a severity it draws no defect. */
  const drawEach = <Defect>(
    category: string,
    render: (random: Random, size: number, defect?: Defect) => Rendering,
    defects: Record<string, (random: Random, severity: number) => Defect>,
  ) =>
    Object.entries(defects).map(([name, make]): [string, Draw] => [
      `${category}: ${name}`,
      (seed, severity) =>
        render(
          Random.fromSeed(seed),
          SIZE,
          severity === undefined ? undefined : make(Random.fromSeed(1000 + seed), severity),
        ),
    ]);
  const draw = [
    ...drawEach('bottle', renderBottle, BOTTLE_DEFECTS),
    ...drawEach('leather', renderLeather, LEATHER_DEFECTS),
    ...drawEach('gear', renderGear, GEAR_DEFECTS),
    ...drawEach('almond', renderAlmond, ALMOND_DEFECTS),
  ];

  for (const [name, render] of draw) {
    it(`${name} changes the picture where its mask says, and next to nothing elsewhere`, () => {
      for (let seed = 0; seed < 4; seed++) {
        const flawless = render(seed);
        const flawed = render(seed, 0.8);
        const { inside, outside } = difference(flawed, flawless, flawed.mask.data);
        assert.ok(inside > 4, `seed ${seed}: only ${inside} inside`);
        assert.ok(outside < 0.35, `seed ${seed}: ${outside} outside`);
        assert.ok(inside > 25 * outside, `seed ${seed}: ${inside} inside, ${outside} outside`);
      }
    });

    it(`${name} grows with its severity`, () => {
      const areas = [0.05, 0.95].map((severity) => {
        let area = 0;
        for (let seed = 0; seed < 5; seed++) area += sum(render(seed, severity).mask.data);
        return area;
      });
      assert.ok(areas[1] > 1.2 * areas[0], areas.join(' to '));
    });
  }
});
