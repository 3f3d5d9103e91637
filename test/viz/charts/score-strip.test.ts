import assert from 'node:assert/strict';
import { scoreStrip } from '../../../src/viz/charts/score-strip';
import { assertSvgSnapshot } from '../snapshot';

describe('scoreStrip', () => {
  const rows = [
    { name: 'good', scores: [1, 1.2, 1.9, 2.4], labels: [0, 0, 0, 0] },
    { name: 'scratch', scores: [1.7, 8, 30], labels: [1, 1, 1] },
  ];
  const options = { title: 'Scores by kind', axisTitle: 'Distance' };

  it('draws a line for each score, and the threshold through all rows', async () => {
    const chart = await scoreStrip(rows, { ...options, xScale: 'log', threshold: { value: 2 } });
    assertSvgSnapshot('score-strip', chart.toSvg());
    assert.equal(chart.alt, 'Scores by kind: good 4, scratch 3.');
  });

  it('leaves out what a logarithmic axis cannot show', async () => {
    const zero = [{ name: 'good', scores: [0, 1, 2], labels: [0, 0, 0] }];
    const ticks = async (xScale: 'linear' | 'log') =>
      (await scoreStrip(zero, { ...options, xScale }))
        .toSvg()
        .match(/aria-roledescription="tick"/g);
    assert.equal((await ticks('linear'))?.length, 3);
    assert.equal((await ticks('log'))?.length, 2);
  });

  it('refuses to draw nothing, and scores without labels', async () => {
    await assert.rejects(scoreStrip([], options), RangeError);
    await assert.rejects(scoreStrip([{ ...rows[0], labels: [0] }], options), /found 1 and 4/);
  });
});
