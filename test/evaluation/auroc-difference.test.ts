import assert from 'node:assert/strict';
import { aurocDifference } from '../../src/lib/evaluation/auroc-difference';
import { UndefinedMetricError } from '../../src/lib/metrics/scores';

describe('aurocDifference', () => {
  const ours = [0.1, 0.4, 0.35, 0.8, 0.2, 0.5, 0.9, 0.7, 0.4, 0.6];
  const theirs = [0.3, 0.2, 0.5, 0.4, 0.6, 0.1, 0.7, 0.8, 0.9, 0.45];
  const labels = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1];

  it('gives the interval of DeLong’s covariance matrix', () => {
    // NumPy: cov of the structural components of both, by label, over 5 images each; AUROCs of scikit-learn.
    const { difference, interval } = aurocDifference(ours, theirs, labels);
    assert.ok(Math.abs(difference - 0.1) < 1e-12, `${difference}`);
    assert.ok(Math.abs(interval[0] + 0.42591352849428765) < 1e-9, `${interval[0]}`);
    assert.ok(Math.abs(interval[1] - 0.6259135284942878) < 1e-9, `${interval[1]}`);
  });

  it('has its sign turned where the two are exchanged', () => {
    const there = aurocDifference(ours, theirs, labels);
    const back = aurocDifference(theirs, ours, labels);
    assert.equal(back.difference, -there.difference);
    assert.deepEqual(
      back.interval.map((end) => -end),
      [there.interval[1], there.interval[0]],
    );
  });

  it('is 0, and certain, where both rank alike', () => {
    const same = ours.map((score) => 3 * score + 1);
    assert.deepEqual(aurocDifference(ours, same, labels), { difference: 0, interval: [0, 0] });
  });

  it('refuses lists of other lengths, and a kind with a single image', () => {
    assert.throws(
      () => aurocDifference(ours, theirs.slice(1), labels),
      /for each of 10 images, found 10 and 9/,
    );
    assert.throws(() => aurocDifference([1, 2, 3], [1, 2, 3], [0, 0, 1]), UndefinedMetricError);
  });
});
