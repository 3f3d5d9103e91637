import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Chart } from '../../../src/viz/charts/chart';
import { lossCurve } from '../../../src/viz/charts/loss-curve';
import { proChart } from '../../../src/viz/charts/pro-chart';
import { rocChart } from '../../../src/viz/charts/roc-chart';
import { scoreHistogram } from '../../../src/viz/charts/score-histogram';
import { DISPLAY_METADATA, JUPYTER_DISPLAY } from '../../../src/viz/display/mime-bundle';
import { temporaryFolder } from '../../data/temporary-folder';
import { assertSvgSnapshot, pixels } from '../snapshot';

const loss = Array.from({ length: 30 }, (_, i) => 0.13 + 3 * Math.exp(-i / 5));
const scores = [0.001, 0.002, 0.002, 0.004, 0.01, 0.02, 0.04, 0.05, 0.2, 0.4];
const labels = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1];
const fpr = [0, 0, 0.1, 0.1, 0.4, 1];
const rate = [0, 0.6, 0.6, 0.8, 1, 1];

describe('lossCurve', () => {
  it('draws one run without a legend', async () => {
    assertSvgSnapshot('loss-one', (await lossCurve([{ name: 'STFPM', loss }])).toSvg());
  });

  it('tells several runs apart by colour and dashes, with one legend, on a log axis', async () => {
    const runs = ['STFPM', 'joint'].map((name, i) => ({
      name,
      loss: loss.map((l) => l * (i + 1)),
    }));
    const options = { yScale: 'log', title: 'Two runs', subtitle: 'bottle' } as const;
    const svg = (await lossCurve(runs, options)).toSvg();
    assertSvgSnapshot('loss-log', svg);
    assert.equal(svg.match(/>joint</g)?.length, 1);
  });

  it('draws no epoch, one epoch, and a run that is not finished', async () => {
    const none = await lossCurve([{ name: 'a', loss: [] }], { lastEpoch: 10 });
    assert.match(none.alt, /a: no epochs yet\./);
    const one = await lossCurve([{ name: 'a', loss: [2] }], { lastEpoch: 10 });
    for (const chart of [none, one]) {
      assert.doesNotMatch(chart.toSvg(), /NaN|Infinity|undefined/);
      assert.match(chart.toSvg(), />10</);
    }
  });

  it('leaves out what cannot be drawn: NaN, and 0 on a log axis', async () => {
    const chart = await lossCurve([{ name: 'a', loss: [1, NaN, 0, 0.5] }], { yScale: 'log' });
    assert.doesNotMatch(chart.toSvg(), /NaN|Infinity/);
    assert.deepEqual(dataOf(chart), [
      { run: 'a', epoch: 1, loss: 1 },
      { run: 'a', epoch: 4, loss: 0.5 },
    ]);
  });

  it('takes the epochs given, for a run that was resumed or thinned', async () => {
    const chart = await lossCurve([{ name: 'a', loss: [3, 2], epochs: [10, 20] }]);
    assert.deepEqual(
      dataOf(chart).map((point) => point.epoch),
      [10, 20],
    );
  });

  it('says in words what it shows', async () => {
    const { alt } = await lossCurve([{ name: 'STFPM', loss }]);
    assert.equal(alt, 'Training loss. STFPM: 3.13 in the first epoch, 0.1391 in the last of 30.');
  });
});

describe('scoreHistogram', () => {
  it('draws good and defective images with a threshold', async () => {
    const chart = await scoreHistogram(scores, labels, { threshold: { value: 0.015 } });
    assertSvgSnapshot('scores', chart.toSvg());
    assert.equal(chart.alt, 'Image scores: 5 good, 5 defect. Threshold 0.015.');
  });

  it('draws scores over several magnitudes on a log axis', async () => {
    const options = {
      xScale: 'log',
      bins: 12,
      threshold: { value: 0.015, label: 'q .99' },
    } as const;
    assertSvgSnapshot('scores-log', (await scoreHistogram(scores, labels, options)).toSvg());
  });

  it('counts every score once', async () => {
    for (const bins of [1, 7, 30]) {
      const chart = await scoreHistogram(scores, labels, { bins });
      const counts = layerData(chart).map(({ count }) => Number(count));
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        scores.length,
      );
    }
  });

  it('keeps a threshold beyond all scores in the picture', async () => {
    const svg = (await scoreHistogram([1, 2], [0, 1], { threshold: { value: 9 } })).toSvg();
    const axis = svg.match(/>threshold</g);
    assert.equal(axis?.length, 1);
    assert.match(svg, />9</);
  });

  it('draws equal scores, no scores, and scores of 0 on a log axis', async () => {
    for (const chart of [
      await scoreHistogram([2, 2], [0, 1]),
      await scoreHistogram([], []),
      await scoreHistogram([0, 0], [0, 1], { xScale: 'log' }),
      await scoreHistogram([0, 3, NaN], [0, 1, 1], { xScale: 'log' }),
    ]) {
      assert.doesNotMatch(chart.toSvg(), /NaN|Infinity/);
    }
  });

  it('refuses labels that do not match', async () => {
    await assert.rejects(scoreHistogram([1], []), /found 0 and 1/);
  });
});

describe('rocChart', () => {
  it('draws curves with their areas and the line of guessing', async () => {
    const chart = await rocChart([
      { name: 'image', fpr, tpr: rate, auroc: 0.9123 },
      { name: 'pixel', fpr, tpr: rate.map(Math.sqrt), auroc: null },
    ]);
    assertSvgSnapshot('roc', chart.toSvg());
    assert.equal(chart.alt, 'ROC curve: image (AUROC 0.9123), pixel.');
  });

  it('looks into the corner, up to a false-positive rate interpolated there', async () => {
    const chart = await rocChart([{ name: 'a', fpr, tpr: rate }], { fprLimit: 0.25 });
    const points = layerData(chart).map(({ fpr: x, rate: y }) => [x, y]);
    assert.deepEqual(points[points.length - 1], [0.25, 0.9]);
    assert.equal(points.filter(([x]) => Number(x) > 0.25).length, 0);
  });

  it('keeps a chart of a million points small', async () => {
    const n = 1e6;
    const many = Float64Array.from({ length: n }, (_, i) => i / (n - 1));
    const chart = await rocChart([{ name: 'a', fpr: many, tpr: many.map((x) => x ** 0.05) }]);
    assert.ok(JSON.stringify(chart.spec).length < 60_000);
  });
});

describe('proChart', () => {
  it('draws the overlap up to a false-positive rate of .3', async () => {
    const chart = await proChart([{ name: 'STFPM', fpr, pro: rate, aupro: 0.7 }]);
    assertSvgSnapshot('pro', chart.toSvg());
    const rates = layerData(chart).map((point) => Number(point.fpr));
    assert.equal(Math.max(...rates), 0.3);
  });
});

describe('Chart', () => {
  const folder = temporaryFolder();

  it('shows itself as Vega-Lite, picture and text; never as HTML or SVG', async () => {
    const chart = await lossCurve([{ name: 'a', loss }]);
    const bundle = chart[JUPYTER_DISPLAY]();
    assert.deepEqual(Object.keys(bundle).sort(), [
      'application/vnd.vegalite.v5+json',
      'image/png',
      'text/plain',
    ]);
    assert.equal(bundle['text/plain'], chart.alt);
    assert.deepEqual(JSON.parse(JSON.stringify(chart.spec)), chart.spec);
  });

  it('has a picture twice the size that it is shown at', async () => {
    const chart = await lossCurve([{ name: 'a', loss }]);
    const { size } = await pixels(chart.png);
    const shown = chart[DISPLAY_METADATA]()['image/png'];
    assert.deepEqual(shown, { width: chart.width, height: chart.height });
    assert.ok(Math.abs(size[0] - 2 * chart.width) <= 1);
    assert.ok(Math.abs(size[1] - 2 * chart.height) <= 1);
    const large = await pixels(await chart.toPng(4));
    assert.ok(Math.abs(large.size[0] - 2 * size[0]) <= 2);
  });

  it('saves as PNG, SVG or specification, as the file name says', async () => {
    const chart = await lossCurve([{ name: 'a', loss }]);
    const saved = async (name: string): Promise<Buffer> =>
      readFileSync(await chart.save(folder.path('charts', name)));
    assert.deepEqual(await saved('a.png'), chart.png);
    assert.equal((await saved('a.svg')).toString(), chart.toSvg());
    assert.deepEqual(JSON.parse((await saved('a.vl.json')).toString()), chart.spec);
    await assert.rejects(chart.save(folder.path('a.pdf')), /a\.pdf: expected .* \.png, \.svg or/);
  });

  it('keeps its size while a run goes on, so that nothing jumps', async () => {
    const sizes = await Promise.all(
      [1, 5, 30].map(async (epochs) => {
        const options = { lastEpoch: 30, yScale: 'log' } as const;
        const chart = await lossCurve([{ name: 'a', loss: loss.slice(0, epochs) }], options);
        return [chart.width, chart.height];
      }),
    );
    assert.deepEqual(sizes[1], sizes[2]);
    assert.deepEqual(sizes[0], sizes[2]);
  });
});

type Point = Record<string, unknown>;

function dataOf(chart: Chart): Point[] {
  return (chart.spec as unknown as { data: { values: Point[] } }).data.values;
}

/** The data of the layer with the chart's marks: the first, or the one after the diagonal. */
function layerData(chart: Chart): Point[] {
  const { layer } = chart.spec as unknown as { layer: { data: { values: Point[] } }[] };
  const longest = layer.reduce((a, b) => (b.data.values.length > a.data.values.length ? b : a));
  return longest.data.values;
}
