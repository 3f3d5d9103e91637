import assert from 'node:assert/strict';
import { clopperPearson } from '../../src/lib/statistics/clopper-pearson';

describe('clopperPearson', () => {
  // scipy 1.17: beta.ppf(.025, k, n - k + 1), beta.ppf(.975, k + 1, n - k)
  const golden: [number, number, number, number][] = [
    [0, 24, 0, 0.14247359772252563],
    [1, 24, 0.0010543524454697472, 0.2112016834569731],
    [24, 24, 0.8575264022774743, 1],
    [10, 154, 0.03157543125795952, 0.11617453295680899],
    [3, 1000, 0.0006190999316495713, 0.008742023238478303],
    [5000, 100000, 0.048657255207270746, 0.05136892088058044],
  ];
  for (const [count, total, low, high] of golden) {
    it(`is scipy's for ${count} of ${total}`, () => {
      const [lower, upper] = clopperPearson(count, total);
      assert.ok(
        Math.abs(lower - low) < 1e-10 && Math.abs(upper - high) < 1e-10,
        `${lower} ${upper}`,
      );
    });
  }

  it('has ends that are known in closed form where nothing was observed', () => {
    const [, upper] = clopperPearson(0, 7, 0.9);
    assert.ok(Math.abs(upper - (1 - 0.05 ** (1 / 7))) < 1e-12);
  });

  it('refuses what is no count', () => {
    assert.throws(
      () => clopperPearson(1.5, 3),
      /^RangeError: Expected a count of 0 to 3, found 1.5/,
    );
    assert.throws(() => clopperPearson(4, 3), /found 4/);
    assert.throws(() => clopperPearson(0, 0), /found none/);
  });
});
