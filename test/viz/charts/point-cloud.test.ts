import assert from 'node:assert/strict';
import { pointCloud } from '../../../src/viz/charts/point-cloud';
import { assertSvgSnapshot } from '../snapshot';

describe('pointCloud', () => {
  it('draws each series in its own mark, later ones above', async () => {
    const chart = await pointCloud(
      [
        { name: 'good', points: [0, 0, 1, 0.5, 2, 1, 1.5, 0.2] },
        { name: 'memory', points: [0, 0, 2, 1], mark: 'diamond' },
        { name: 'defects', points: [1, 3], mark: 'cross' },
      ],
      { title: 'Patches' },
    );
    assertSvgSnapshot('point-cloud', chart.toSvg());
    assert.equal(chart.alt, 'Patches: 4 good, 2 memory, 1 defects.');
  });

  it('refuses to draw nothing, and half a point', async () => {
    await assert.rejects(
      pointCloud([{ name: 'none', points: [] }], { title: 'Empty' }),
      RangeError,
    );
    await assert.rejects(
      pointCloud([{ name: 'odd', points: [1, 2, 3] }], { title: 'Odd' }),
      /pairs of numbers in odd/,
    );
  });
});
