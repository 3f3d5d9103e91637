import assert from 'node:assert/strict';
import {
  givenThreshold,
  isDefective,
  parseThreshold,
  promiseOf,
  resetThreshold,
  thresholdByCost,
  thresholdFromGood,
} from '../../src/lib/anomaly-map/threshold';
import { promiseInWords, thresholdInWords } from '../../src/lib/anomaly-map/threshold-words';
import { Random } from '../../src/lib/random/random';

describe('isDefective', () => {
  it('is for scores above the threshold; one that equals it is good', () => {
    assert.equal(isDefective(0.5, 0.25), true);
    assert.equal(isDefective(0.25, 0.25), false);
    assert.equal(isDefective(0.2, 0.25), false);
    assert.equal(isDefective(Infinity, 0.25), true);
  });

  it('refuses what is not a number, and calls it neither good nor defective', () => {
    assert.throws(() => isDefective(NaN, 0.25), /^RangeError: .*expected a score, found NaN/);
    assert.throws(() => isDefective(0.5, NaN), /^RangeError: .*expected a threshold, found NaN/);
  });
});

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const noMaps = (scores: number[]) => ({ scores, peaks: null });

describe('thresholdFromGood', () => {
  it('lies between two neighbours, with as many above it as the rate allows', () => {
    const shuffled = upTo(200).map((i) => ((37 * i) % 200) + 1);
    const { value, falseAlarms, quantile } = thresholdFromGood(noMaps(shuffled), 'held-out', 0.05);
    // ⌈201 · .95⌉ = 191
    assert.equal(value, 191.5);
    assert.equal(falseAlarms, 9);
    assert.equal(quantile, 0.95);
  });

  it('takes just as many images as the rate needs', () => {
    assert.equal(thresholdFromGood(noMaps(upTo(99)), 'held-out', 0.01).falseAlarms, 0);
    assert.equal(thresholdFromGood(noMaps(upTo(199)), 'held-out', 0.01).value, 198.5);
  });

  it('lies above the largest score where there are too few, away from it', () => {
    const { value, falseAlarms } = thresholdFromGood(noMaps(upTo(24)), 'held-out', 0.01);
    assert.equal(falseAlarms, 0);
    assert.equal(value, 24 + 0.12);
    const [alike] = [thresholdFromGood(noMaps([-3, -3, -3]), 'held-out', 0.01)];
    assert.equal(alike.value, -3 + 0.003);
  });

  it('does not lie where rounding decides: the next gap that is wide enough', () => {
    const scores = [...upTo(190), 191, 191 + 1e-6, ...upTo(8).map((i) => 200 + i)];
    assert.equal(thresholdFromGood(noMaps(scores), 'held-out', 0.05).value, 191 + (10 + 1e-6) / 2);
  });

  it('has a threshold for pixels from the highest ones, which is the same where these are the scores', () => {
    const scores = upTo(30);
    const alike = thresholdFromGood({ scores, peaks: [...scores].reverse() }, 'held-out');
    assert.equal(alike.pixel, alike.value);
    assert.equal(alike.peaks, undefined);
    const other = thresholdFromGood({ scores, peaks: scores.map((x) => 10 * x) }, 'held-out');
    assert.equal(other.pixel, 10 * other.value);
    assert.equal(thresholdFromGood(noMaps(scores), 'held-out').pixel, undefined);
  });

  it('keeps what it promises: the mean rate of false alarms over many sets of good images', () => {
    const random = Random.fromSeed(3);
    const draw = (count: number) =>
      Array.from({ length: count }, () => Math.exp(random.normal() * 0.3));
    const fresh = draw(2000);
    let [sum, inside] = [0, 0];
    const tries = 400;
    for (let i = 0; i < tries; i++) {
      const threshold = thresholdFromGood(noMaps(draw(60)), 'held-out', 0.05);
      const rate = fresh.filter((score) => isDefective(score, threshold.value)).length / 2000;
      sum += rate;
      const [low, high] = promiseOf(threshold)!.interval;
      if (rate >= low && rate <= high) inside++;
    }
    assert.ok(sum / tries < 0.05 && sum / tries > 0.03, `${sum / tries}`);
    assert.ok(inside / tries > 0.95, `${inside / tries}`);
  });

  it('refuses no scores, one that is not finite, and a rate that is none', () => {
    assert.throws(() => thresholdFromGood(noMaps([]), 'held-out'), /found none/);
    assert.throws(() => thresholdFromGood(noMaps([1, -Infinity]), 'train'), /found -Infinity/);
    assert.throws(() => thresholdFromGood(noMaps([1]), 'train', 0), /above 0 and below 1, found 0/);
  });
});

describe('what a threshold promises', () => {
  it('is said with the number of images that the rate takes', () => {
    const threshold = thresholdFromGood(noMaps(upTo(24)), 'held-out', 0.01);
    const promise = promiseOf(threshold)!;
    assert.equal(promise.expected, 1 / 25);
    assert.deepEqual(promise.needed, { onAverage: 99, surely: 299 });
    const { text, isKept } = promiseInWords(threshold);
    assert.equal(isKept, false);
    assert.match(
      text,
      /^24 held-out images are too few for a rate of 1 %, which takes 99, and 299/,
    );
    assert.match(text, /4 % or fewer .* between 0 % and 14 %$/);
    assert.equal(thresholdInWords(threshold), '24.12: 0 of 24 held-out good images score above it');
    assert.ok(promiseInWords(thresholdFromGood(noMaps(upTo(99)), 'held-out', 0.01)).isKept);
  });

  it('is nothing where it was set from train images, or where the false alarms are not known', () => {
    const threshold = thresholdFromGood(noMaps(upTo(500)), 'train', 0.01);
    assert.equal(promiseOf(threshold), null);
    assert.match(promiseInWords(threshold).text, /score lower than new ones/);
    const old = { value: 1, quantile: 0.99, images: 24, source: 'held-out' as const };
    assert.match(promiseInWords(old).text, /about 1 false alarm in 25/);
    assert.equal(promiseInWords(old).isKept, false);
  });
});

describe('another threshold', () => {
  const first = thresholdFromGood(noMaps(upTo(199)), 'held-out', 0.01);

  it('is set from the scores that the first was set from', () => {
    assert.equal(resetThreshold(first, 0.05).value, 190.5);
    const old = { value: 1, quantile: 0.99, images: 24, source: 'held-out' as const };
    assert.throws(() => resetThreshold(old, 0.05), /were not stored with it/);
  });

  it('may be given, and its false alarms are counted', () => {
    const given = givenThreshold(150.5, first);
    assert.deepEqual([given.source, given.falseAlarms, given.images], ['given', 49, 199]);
    assert.equal(givenThreshold(3, null).images, 0);
    assert.match(promiseInWords(givenThreshold(3, null)).text, /Nothing is known/);
  });

  it('survives its way through a file, and says what is wrong with another', () => {
    assert.deepEqual(parseThreshold(JSON.stringify(first)), first);
    assert.equal(parseThreshold(undefined), null);
    assert.throws(
      () => parseThreshold('{}'),
      /^Error: Expected an operating threshold, found value /,
    );
    assert.throws(() => parseThreshold('}'), /found no JSON/);
  });
});

describe('thresholdByCost', () => {
  const good = noMaps([1, 2, 3, 4, 10]);
  const defect = [5, 9, 12, 13];
  const costs = { falseAlarm: 1, defectRate: 0.5 };

  it('is low where a missed defect is dear, and high where a false alarm is', () => {
    const dear = thresholdByCost(good, defect, { ...costs, missed: 100 });
    assert.deepEqual([dear.value, dear.missedDefects, dear.falseAlarms], [4.5, 0, 1]);
    const cheap = thresholdByCost(good, defect, { ...costs, missed: 0.1 });
    assert.deepEqual([cheap.value, cheap.missedDefects, cheap.falseAlarms], [11, 2, 0]);
  });

  it('promises nothing', () => {
    const threshold = thresholdByCost(good, defect, { ...costs, missed: 1 });
    assert.equal(promiseOf(threshold), null);
    assert.match(promiseInWords(threshold).text, /chosen by its mistakes/);
  });

  it('minds how rare defects are', () => {
    const rare = thresholdByCost(good, defect, { missed: 5, falseAlarm: 1, defectRate: 0.01 });
    assert.equal(rare.falseAlarms, 0);
  });

  it('lies in the middle of the widest gap where several are of equal cost', () => {
    const { value } = thresholdByCost(noMaps([1, 2]), [20, 21], { ...costs, missed: 1 });
    assert.equal(value, 11);
  });

  it('refuses one kind of images alone', () => {
    assert.throws(() => thresholdByCost(good, [], { ...costs, missed: 1 }), /found 5 and 0/);
  });
});
