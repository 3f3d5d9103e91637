import assert from 'node:assert/strict';
import { alphaSweep } from '../../../src/viz/charts/alpha-sweep';
import { resultsChart } from '../../../src/viz/charts/results-chart';
import { assertSvgSnapshot } from '../snapshot';

describe('alphaSweep', () => {
  const run = (alpha: number, auroc: number | null, loss: number) => ({
    alpha,
    values: { 'pixel AUROC': auroc, L_tot: loss },
  });
  const runs = [run(1e-4, 0.967, 12), run(0, 0.987, 6.5), run(1e-7, 0.986, 7), run(1e-7, 0.984, 6)];

  it('has a panel for each number, and a place of its own for 0', async () => {
    const chart = await alphaSweep(runs, ['pixel AUROC', 'L_tot'], { subtitle: 'bottle' });
    assertSvgSnapshot('alpha-sweep', chart.toSvg());
    assert.match(chart.alt, /for alpha 0, 1e-7, 1e-4; 4 runs\.$/);
  });

  it('leaves out numbers that a run does not have', async () => {
    const chart = await alphaSweep([run(0, null, 3), run(1e-5, 0.9, 4)], ['pixel AUROC']);
    assert.equal(chart.toSvg().match(/aria-roledescription="point"/g)?.length, 1);
  });

  it('refuses to draw nothing', async () => {
    await assert.rejects(alphaSweep([], ['L_tot']), RangeError);
    await assert.rejects(alphaSweep(runs, []), RangeError);
  });
});

describe('resultsChart', () => {
  const rows = [
    { title: 'bottle: STFPM', ours: [0.9877] },
    { title: 'bottle 001', paper: 0.9837, ours: [0.9876, 0.9858] },
    { title: 'leather 002', paper: 0.9292, ours: [] },
  ];

  it('sets the paper’s numbers beside the runs', async () => {
    const chart = await resultsChart(rows, { axisTitle: 'Pixel AUROC' });
    assertSvgSnapshot('results', chart.toSvg());
    assert.match(chart.alt, /bottle 001: paper 0\.9837, here 0\.9876 and 0\.9858; .*here no run\./);
  });

  it('refuses to draw nothing', async () => {
    await assert.rejects(resultsChart([], { axisTitle: 'Pixel AUROC' }), RangeError);
  });
});
