import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import {
  COLUMNS,
  COST_COLUMNS,
  experimentTable,
  groupRecords,
  spread,
} from '../../src/cli/experiments/experiment-table';
import { numberTable } from '../../src/cli/terminal/metrics-text';
import { readResult, readResults } from '../../src/cli/runs/result-record';
import type { ResultRecord } from '../../src/cli/runs/result-record';
import { TABLE_2 } from '../../src/lib/experiments/table2';
import { jointConfig } from '../../src/lib/training/config';
import { useTemporaryFolder } from '../weights/temporary-folder';

const RESULTS = path.join(__dirname, '..', '..', 'results');

function record(seed: number, pixel: number, totals: number[], few = 0): ResultRecord {
  return {
    what: '',
    preset: 'bottle-001',
    config: jointConfig({
      ...{ category: 'bottle', seed, augmentedImages: few },
      epochs: totals.length,
    }),
    dataset: { name: 'MVTec AD', category: 'bottle', trainImages: 209, testImages: {} },
    teacher: { kind: 'file', name: 'x' },
    metrics: { pixel: { auroc: pixel, aupro: 0.9, f1Max: 0.7 }, image: { auroc: 1 } },
    loss: totals.map((total) => total / 32),
    joint: { total: totals, similarity: totals.map((total) => total / 40) },
  } as unknown as ResultRecord;
}

describe('the table of experiments', () => {
  const inFolder = useTemporaryFolder();

  it('puts mean and sample deviation over the seeds beside the paper', () => {
    const records = [record(1, 0.98, [9, 7]), record(0, 0.99, [9, 5])];
    const groups = groupRecords(TABLE_2, records);
    assert.equal(groups.length, 1);
    const { head, rows } = experimentTable(groups);
    assert.equal(rows.length, 1);
    const cell = (title: string, offset = 0) => rows[0][head.indexOf(title) + offset];
    assert.equal(cell('seeds'), '0, 1');
    assert.equal(cell('epochs'), '2');
    assert.equal(cell('pixel AUROC'), '0.9850 ± 0.0071');
    assert.equal(cell('pixel AUROC', 1), '0.9837');
    assert.equal(cell('pixel AUROC', 2), '+0.0013');
    assert.equal(cell('L_tot'), '6.000 ± 1.414');
    assert.equal(cell('L_tot', 2), '−0.364');
  });

  it('keeps runs of equal settings in one row where one of them ended early', () => {
    const [whole, early] = [record(0, 0.99, [9, 7, 5]), record(1, 0.97, [9, 7])];
    const groups = groupRecords(TABLE_2, [
      whole,
      { ...early, config: { ...whole.config, seed: 1 } },
    ]);
    assert.deepEqual(
      groups.map(({ epochs, records }) => [epochs, records.length]),
      [[3, 2]],
    );
  });

  it('says what a method costs, in seconds, milliseconds and millions of bytes', () => {
    const cost = {
      seconds: 71,
      secondsPerImage: 0.0123,
      modelBytes: 6.15e6,
      peakMemoryBytes: 812e6,
    };
    const { head, rows } = experimentTable(
      groupRecords(TABLE_2, [{ ...record(0, 0.9, [5]), ...cost }]),
      COST_COLUMNS,
    );
    assert.deepEqual(head.slice(-4), ['training, s', 'an image, ms', 'model, MB', 'memory, MB']);
    assert.deepEqual(rows[0].slice(-4), ['71', '12', '6.2', '812']);
  });

  it('leaves out what no record has, as those from before a metric was there', () => {
    const old = experimentTable(groupRecords(TABLE_2, [record(0, 0.9, [5])]));
    assert.ok(!old.head.includes('instance AP'));
    const recent = record(0, 0.9, [5]);
    recent.metrics.pixel.instanceAveragePrecision = 0.5;
    const { head, rows } = experimentTable(groupRecords(TABLE_2, [record(0, 0.9, [5, 4]), recent]));
    assert.deepEqual(
      rows.map((row) => row[head.indexOf('instance AP')]),
      ['–', '0.5000'],
    );
  });

  it('keeps trainings of different length apart, and shows no deviation of one run', () => {
    const groups = groupRecords(TABLE_2, [record(0, 0.98, [7]), record(1, 0.99, [9, 5])]);
    assert.deepEqual(
      groups.map(({ epochs }) => epochs),
      [2, 1],
    );
    assert.equal(spread(groups[0], COLUMNS[0])?.deviation, null);
  });

  it('says what is few-shot', () => {
    const { rows, notes } = experimentTable(groupRecords(TABLE_2, [record(0, 0.9, [5], 64)]));
    assert.match(rows[0][0], /\(1, 2\)$/);
    assert.match(notes[0], /^few-shot: copies of 209 images; not comparable/);
  });

  it('reads the records of this repository, those without a preset too', () => {
    const records = readResults(RESULTS);
    const groups = groupRecords(TABLE_2, records);
    const baseline = groups.find(({ preset }) => preset.name === 'baseline-bottle');
    assert.ok(baseline && baseline.records.length > 0);
    assert.ok(spread(baseline, COLUMNS[0])!.mean > 0.9);
  });

  it('takes no record whose numbers are something else', () => {
    const file = path.join(RESULTS, 'baseline-bottle-A-seed0.json');
    const whole = JSON.parse(fs.readFileSync(file, 'utf8')) as ResultRecord;
    const changed = inFolder('changed.json');
    const { metrics } = whole;
    for (const change of [
      { metrics: { ...metrics, image: { ...metrics.image, auroc: '1' } } },
      { metrics: { ...metrics, pixel: { ...metrics.pixel, auroc: [0.9] } } },
      { metrics: { ...metrics, defects: { crack: true } } },
      { metrics: { ...metrics, counts: { ...metrics.counts, images: true } } },
      { loss: ['0.1'] },
      { seconds: -1 },
    ]) {
      fs.writeFileSync(changed, JSON.stringify({ ...whole, ...change }));
      assert.throws(
        () => readResult(changed),
        /changed\.json: expected numbers, or null, for metrics/,
      );
    }
  });

  it('escapes what Markdown would take for a border', () => {
    assert.equal(
      numberTable(['a', 'b'], [['x|y', '1']]).toMarkdown(),
      '| a | b |\n| :--- | ---: |\n| x\\|y | 1 |',
    );
  });
});
