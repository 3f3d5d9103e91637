import assert from 'node:assert/strict';
import { searchHistory } from '../../../src/viz/charts/search-history';

describe('searchHistory', () => {
  it('has a dot a trial, the best so far and what was given up', async () => {
    const chart = await searchHistory(
      [
        { number: 2, value: 0.9 },
        { number: 0, value: 0.7 },
        { number: 1, value: null },
        { number: 3, value: 0.8 },
      ],
      { axisTitle: 'Value' },
    );
    assert.match(chart.alt, /3 trials of 4 .* the best 0\.9000, without a search 0\.7000/);
    const { layer } = chart.spec as unknown as { layer: { data: { values: object[] } }[] };
    const [usual, along, done, givenUp] = layer.map(({ data }) => data.values);
    assert.deepEqual(usual, [{ number: 1, value: 0.7 }]);
    assert.deepEqual(
      along.map((point) => Object.values(point)),
      [
        [1, 0.7],
        [3, 0.9],
        [4, 0.9],
        [4, 0.9],
      ],
    );
    assert.equal(done.length, 3);
    assert.deepEqual(givenUp, [{ number: 2, value: null }]);
  });

  it('refuses to draw nothing', async () => {
    await assert.rejects(
      searchHistory([{ number: 0, value: null }], { axisTitle: 'Value' }),
      /expected values, found none/,
    );
  });
});
