import assert from 'node:assert/strict';
import {
  mistakesInWords,
  operatingPoint,
  remarksOn,
} from '../../src/lib/evaluation/operating-point';

const images = (defect: string, ...scores: number[]) =>
  scores.map((score) => ({
    defect,
    label: defect === 'good' ? (0 as const) : (1 as const),
    score,
  }));

describe('operatingPoint', () => {
  const results = [
    ...images('good', 1, 2, 3, 6),
    ...images('scratch', 5, 7, 9),
    ...images('dent', 2, 4, 8),
  ];

  it('counts false alarms and missed defects, by kind, with intervals; a score at the threshold is good', () => {
    const point = operatingPoint(results, 5);
    assert.deepEqual([point.falseAlarms?.count, point.falseAlarms?.of], [1, 4]);
    assert.deepEqual([point.missed?.count, point.missed?.of], [3, 6]);
    const kinds = Object.entries(point.missedByDefect).map(([kind, { count, of }]) => [
      kind,
      count,
      of,
    ]);
    assert.deepEqual(kinds, [
      ['dent', 2, 3],
      ['scratch', 1, 3],
    ]);
    // scipy: beta.ppf(.025, 1, 4), beta.ppf(.975, 2, 3)
    const [low, high] = point.falseAlarms!.interval;
    assert.ok(
      Math.abs(low - 0.00630946) < 1e-7 && Math.abs(high - 0.80587954) < 1e-7,
      `${low} ${high}`,
    );
    assert.equal(
      mistakesInWords(point.falseAlarms!),
      '1 of 4 (25 %, 95 % interval 0.63 % to 81 %)',
    );
  });

  it('says nothing of images that there are not', () => {
    const { falseAlarms, missedByDefect } = operatingPoint(images('dent', 1), 0);
    assert.equal(falseAlarms, null);
    assert.equal(missedByDefect.dent.count, 0);
    assert.equal(operatingPoint(images('good', 1), 0).missed, null);
  });
});

describe('remarksOn', () => {
  const many = [
    ...images('good', ...Array.from({ length: 30 }, (_, i) => i)),
    ...images('dent', ...Array.from({ length: 30 }, (_, i) => i + 0.5)),
  ];

  it('has none on a detector that works', () => {
    const results = [
      ...images('good', ...Array<number>(20).fill(1)),
      ...images('dent', ...Array<number>(20).fill(9)),
    ];
    assert.deepEqual(remarksOn(results, 1, operatingPoint(results, 5)), []);
  });

  it('says that one is no better than chance, and what F1 is worth then', () => {
    const [remark, ...others] = remarksOn(many, 0.517, null);
    assert.match(
      remark,
      /^These 30 good and 30 defective .*better than chance \(image AUROC 0\.517, /,
    );
    assert.match(remark, /defective gives 0\.667\.$/);
    assert.deepEqual(others, []);
    assert.match(remarksOn(many, 0.1, null)[0], /^Worse than chance/);
  });

  it('says that nothing is found, or no image of a kind, or that all is called defective', () => {
    const point = (threshold: number) => remarksOn(many, null, operatingPoint(many, threshold));
    assert.deepEqual(point(1e6), [
      'At its threshold the detector finds nothing: all 30 defective images are called good.',
    ]);
    assert.deepEqual(point(20), [
      'At its threshold the detector misses 20 of 30 defective images.',
    ]);
    assert.deepEqual(point(-1), ['At its threshold all 30 good images are called defective.']);
    const two = [...images('dent', 1, 9, 9), ...images('crack', 1, 1)];
    assert.deepEqual(
      remarksOn(two, null, operatingPoint(two, 5)).at(-1),
      'No image of the defect "crack" is found (2 of 2 missed).',
    );
  });
});
