import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatMetricsJson, writeMetricsJson } from '../../src/lib/evaluation/metrics-json';

describe('formatMetricsJson', () => {
  it('writes numbers with all their digits, null as null and typed arrays as lists', () => {
    const json = formatMetricsJson({ auroc: 1 / 3, aupimo: null, points: Float64Array.of(0.5, 1) });
    assert.equal(
      json,
      '{\n  "auroc": 0.3333333333333333,\n  "aupimo": null,\n  "points": [\n    0.5,\n    1\n  ]\n}\n',
    );
  });

  it('writes infinities as strings', () => {
    const thresholds = Float64Array.of(Infinity, -Infinity);
    assert.deepEqual(JSON.parse(formatMetricsJson({ f1MaxThreshold: Infinity, thresholds })), {
      f1MaxThreshold: 'Infinity',
      thresholds: ['Infinity', '-Infinity'],
    });
  });

  it('refuses NaN, naming the field', () => {
    assert.throws(
      () => formatMetricsJson({ image: { auroc: NaN } }),
      /^RangeError: Expected a number or null as auroc, found NaN\.$/,
    );
  });
});

describe('writeMetricsJson', () => {
  it('writes what formatMetricsJson gives', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'metrics-'));
    try {
      const file = join(folder, 'metrics.json');
      await writeMetricsJson(file, { image: { auroc: 0.75 } });
      assert.equal(await readFile(file, 'utf8'), formatMetricsJson({ image: { auroc: 0.75 } }));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
