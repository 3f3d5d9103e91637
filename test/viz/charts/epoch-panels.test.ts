import assert from 'node:assert/strict';
import { epochPanels, type EpochPanel } from '../../../src/viz/charts/epoch-panels';
import { assertSvgSnapshot } from '../snapshot';

const falling = (start: number) => Array.from({ length: 12 }, (_, i) => start / (i + 1));
const panels: EpochPanel[] = [
  {
    title: 'level 1',
    yTitle: 'Mean squared error',
    series: [
      { name: 'normal', values: falling(1) },
      { name: 'defective', values: falling(2) },
    ],
  },
  { title: 'level 2', series: [{ name: 'normal', values: falling(300) }], yScale: 'log' },
];

describe('epochPanels', () => {
  it('draws panels with axes of their own and one legend', async () => {
    const chart = await epochPanels(panels, {
      title: 'Errors',
      subtitle: 'bottle',
      mark: { epoch: 5, label: 'end of the frozen epochs' },
    });
    assertSvgSnapshot('epoch-panels', chart.toSvg());
    assert.equal(chart.toSvg().match(/>defective</g)?.length, 1);
  });

  it('needs no legend where every panel has one series', async () => {
    const chart = await epochPanels([panels[1], { ...panels[1], title: 'b' }], { title: 'Two' });
    assert.doesNotMatch(chart.toSvg(), />normal</);
  });

  it('leaves out what cannot be drawn', async () => {
    const values = [1, NaN, undefined, 0, 0.5];
    const chart = await epochPanels(
      [{ title: 'a', yScale: 'log', series: [{ name: 's', values }] }],
      {
        title: 'Gaps',
      },
    );
    assert.doesNotMatch(chart.toSvg(), /NaN|Infinity|undefined/);
    const { hconcat } = chart.spec as unknown as {
      hconcat: { layer: { data: { values: { epoch: number }[] } }[] }[];
    };
    assert.deepEqual(
      hconcat[0].layer[0].data.values.map(({ epoch }) => epoch),
      [1, 5],
    );
  });

  it('writes millions short', async () => {
    const series = [{ name: 's', values: [2e6, 9e6] }];
    const chart = await epochPanels([{ title: 'a', yScale: 'log', series }], { title: 'Large' });
    assert.match(chart.toSvg(), />5M</);
  });

  it('draws a run of one epoch, and one of none', async () => {
    for (const values of [[2], []]) {
      const series = [{ name: 's', values }];
      const chart = await epochPanels([{ title: 'a', series }], { title: 'Short' });
      assert.doesNotMatch(chart.toSvg(), /NaN|Infinity|undefined/);
    }
  });

  it('says in words where each series ended', async () => {
    const { alt } = await epochPanels(panels, { title: 'Errors' });
    assert.equal(
      alt,
      'Errors. level 1, last epoch: normal 0.08333, defective 0.1667. ' +
        'level 2, last epoch: normal 25.',
    );
  });
});
