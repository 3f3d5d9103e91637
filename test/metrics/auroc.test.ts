import assert from 'node:assert/strict';
import fc from 'fast-check';
import { auroc, aurocOfCounts } from '../../src/lib/metrics/auroc';
import { thresholdCounts } from '../../src/lib/metrics/threshold-counts';
import { UndefinedMetricError } from '../../src/lib/metrics/scores';
import { arbitraryItems } from './arbitrary-items';
import { assertNear } from './assert-near';
import { allCases } from './ranking-fixture';

describe('auroc', () => {
  for (const { name, items, expected } of allCases) {
    it(`equals scikit-learn's within 1e-12 on ${name}`, () => {
      const { scores, labels } = items();
      assertNear(auroc(scores, labels), expected.auroc, 1e-12);
    });
  }

  it('is the share of pairs ranked the right way, a tie counting one half', () => {
    fc.assert(
      fc.property(arbitraryItems(), ({ scores, labels }) => {
        let [sum, pairs] = [0, 0];
        scores.forEach((anomalous, a) => {
          scores.forEach((normal, n) => {
            if (labels[a] !== 1 || labels[n] !== 0) return;
            pairs++;
            if (anomalous > normal) sum += 1;
            else if (anomalous === normal) sum += 0.5;
          });
        });
        assert.equal(auroc(scores, labels), sum / pairs);
      }),
    );
  });

  it('is the same from single-precision scores, from doubles and from counts at every score', () => {
    fc.assert(
      fc.property(arbitraryItems(300), ({ scores, labels }) => {
        const singles = Float32Array.from(scores);
        assert.equal(auroc(singles, labels), aurocOfCounts(thresholdCounts(singles, labels)));
        assert.equal(auroc(scores, labels), aurocOfCounts(thresholdCounts(scores, labels)));
      }),
    );
  });

  it('tells neighbouring doubles apart that share their leading 32 bits', () => {
    const next = 1 + Number.EPSILON;
    assert.equal(auroc(Float64Array.of(1, next, next + 1e-15), Uint8Array.of(0, 1, 0)), 0.5);
    assert.equal(auroc(Float64Array.of(-1, -next, -next), Uint8Array.of(0, 1, 0)), 0.25);
  });

  it('is found in the fewest steps where scores crowd in a sliver of their range', () => {
    // All but the extremes differ in the last bits only, and fall into one bucket.
    const crowd = Array.from({ length: 1000 }, (_, i) => 1 + i * Number.EPSILON);
    const scores = Float64Array.of(-Infinity, Infinity, ...crowd);
    const labels = Uint8Array.from(scores, (_, i) => i % 2);
    // Each odd place of the crowd is above one more even place; Infinity is above all, -Infinity below.
    const above = (500 * 501) / 2 + 500 + 501;
    assert.equal(auroc(scores, labels), above / (501 * 501));
  });

  for (const labels of [Uint8Array.of(1, 0, 0, 0), Uint8Array.of(0, 1, 1, 1)]) {
    it(`refuses NaN in either class, with labels ${labels.join()}`, () => {
      for (const place of [0, 2]) {
        const scores = Float32Array.of(1, 2, 3, 4);
        scores[place] = NaN;
        const where = new RegExp(`found NaN in 1 of 4, at ${place}\\.$`);
        assert.throws(() => auroc(scores, labels), where);
        assert.throws(() => auroc(Float64Array.from(scores), labels), where);
      }
    });
  }

  it('is the same after any increasing transform of the scores', () => {
    fc.assert(
      fc.property(arbitraryItems(), ({ scores, labels }) => {
        const ranks = [...new Set(scores)].sort((a, b) => a - b);
        // Two zeros are one value; their set holds one of them.
        const transformed = scores.map((s) => (ranks.findIndex((rank) => rank === s) - 5) ** 3);
        assert.equal(auroc(transformed, labels), auroc(scores, labels));
      }),
    );
  });

  it('is the same in any order of the items', () => {
    fc.assert(
      fc.property(arbitraryItems(), fc.infiniteStream(fc.double()), ({ scores, labels }, keys) => {
        const order = [...scores.keys()]
          .map((i) => ({ i, key: keys.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ i }) => i);
        assert.equal(
          auroc(
            Float64Array.from(order, (i) => scores[i]),
            Uint8Array.from(order, (i) => labels[i]),
          ),
          auroc(scores, labels),
        );
      }),
    );
  });

  it('is the complement for negated scores and for exchanged labels', () => {
    fc.assert(
      fc.property(arbitraryItems(), ({ scores, labels }) => {
        const complement = 1 - auroc(scores, labels);
        assertNear(
          auroc(
            scores.map((s) => -s),
            labels,
          ),
          complement,
          1e-15,
        );
        assertNear(
          auroc(
            scores,
            labels.map((label) => 1 - label),
          ),
          complement,
          1e-15,
        );
      }),
    );
  });

  it('keeps apart scores above 1, which a product of signed maps can have', () => {
    assert.equal(auroc(Float32Array.of(0.5, 1.5, 1.25), Uint8Array.of(0, 0, 1)), 0.5);
  });

  it('is undefined without normal or without anomalous items', () => {
    for (const labels of [Uint8Array.of(1, 1), Uint8Array.of(0, 0)]) {
      assert.throws(
        () => auroc(Float64Array.of(1, 2), labels),
        (error: Error) =>
          error instanceof UndefinedMetricError &&
          error instanceof RangeError &&
          /^AUROC needs normal and anomalous items, found [02] normal and [02] anomalous\.$/.test(
            error.message,
          ),
      );
    }
    assert.throws(() => auroc(new Float32Array(0), new Uint8Array(0)), UndefinedMetricError);
  });
});
