import assert from 'node:assert/strict';
import { histogramText } from '../../src/cli/terminal/score-histogram';

describe('histogramText', () => {
  it('draws a bin a line, with the threshold between those that are called good and defective', () => {
    const good = { name: 'good', scores: [1, 1, 1, 2, 3] };
    const text = histogramText([good, { name: 'defect', scores: [3.5, 12, 13] }], 3);
    assert.deepEqual(text.split('\n'), [
      `     1.00 ${'█'.repeat(40)} 3 good`,
      `     2.00 ${'█'.repeat(27)} 2 good`,
      '     3.00 ──── threshold: images above it are called defective',
      `     3.00 ${'▒'.repeat(14)} 1 defect`,
      '        ⋮',
      `     12.0 ${'▒'.repeat(14)} 1 defect`,
      `     13.0 ${'▒'.repeat(14)} 1 defect`,
    ]);
  });

  it('is logarithmic where scores span orders of magnitude, and counts every one', () => {
    const scores = Array.from({ length: 100 }, (_, i) => 10 ** (-5 + i / 20));
    for (const threshold of [null, 1e-6, 1e-3, 10]) {
      const lines = histogramText([{ name: '', scores }], threshold).split('\n');
      const counts = lines.map((line) => Number(/█ (\d+)$/.exec(line)?.[1] ?? 0));
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        100,
      );
      assert.equal(lines.filter((line) => line.includes('threshold')).length, threshold ? 1 : 0);
      assert.ok(lines.length <= 16, lines.join('\n'));
    }
  });

  it('draws scores that are all the same, or below 0', () => {
    assert.match(histogramText([{ name: '', scores: [2, 2, 2] }], null), /^ {5}2\.00 █+ 3$/);
    assert.match(histogramText([{ name: '', scores: [-3, -1] }], -2), /-2\.00 ──── threshold/);
    assert.match(histogramText([{ name: '', scores: [5, 5] }], 5), /█ 2\n.*threshold/);
  });
});
