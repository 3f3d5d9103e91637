import path from 'node:path';
import { writePng } from '../../src/cli/figures/write-png';
import { writeMetricsJson } from '../../src/lib/evaluation/metrics-json';
import { writeNpyMaps } from '../../src/lib/evaluation/npy';
import { writeScoresCsv } from '../../src/lib/evaluation/csv';
import { writeFileAtomic } from '../../src/lib/files/atomic-write';
import { RunFolder } from '../../src/lib/training/run-folder';
import { writeSafetensors } from '../../src/lib/weights/safetensors';
import { Chart } from '../../src/viz/charts/chart';
import { Figure } from '../../src/viz/figure/figure';
import { mixedIntegers } from '../metrics/mixed-integers';

/** Values, rows or pixels: more than fit in 4 KiB. */
const COUNT = 3000;
const values = Float32Array.from({ length: COUNT }, (_, i) => i / COUNT);
const noise = Uint8Array.from(mixedIntegers(3 * COUNT, 1));
const figure = new Figure(50, 60, Buffer.from(noise), 'noise', () =>
  Promise.resolve(`<svg>${'<g/>'.repeat(COUNT)}</svg>`),
);
const chart = () =>
  Chart.from(
    {
      data: { values: Array.from(values, (y, x) => ({ x, y })) },
      mark: 'line',
      encoding: {
        x: { field: 'x', type: 'quantitative' },
        y: { field: 'y', type: 'quantitative' },
      },
    },
    'a line',
  );
const runOf = (file: string) => new RunFolder(path.dirname(file));

/** What writes the lab's files, by the name of such a file; each writes more than 4 KiB. */
export const WRITERS: Record<string, (file: string) => unknown> = {
  'report.html': (file) => writeFileAtomic(file, '<p>'.repeat(COUNT)),
  'model.onnx': (file) => writeFileAtomic(file, noise),
  'maps.npy': (file) => writeNpyMaps(file, [values], { height: 1, width: COUNT }),
  'evaluation.json': (file) => writeMetricsJson(file, { values }),
  'scores.csv': (file) =>
    writeScoresCsv(
      file,
      Array.from(values, (score, i) => ({ file: `${i}.png`, label: 0, score })),
    ),
  'config.json': (file) => runOf(file).writeJson('config.json', [...values]),
  'metrics.jsonl': (file) =>
    runOf(file).writeEpochs(Array.from(values, (loss, i) => ({ epoch: i + 1, loss, seconds: 1 }))),
  'model.safetensors': (file) =>
    writeSafetensors(file, new Map([['values', { shape: [COUNT], data: values }]])),
  'figure.png': (file) => figure.save(file),
  'figure.svg': (file) => figure.save(file),
  'chart.png': async (file) => (await chart()).save(file),
  'chart.svg': async (file) => (await chart()).save(file),
  'chart.vl.json': async (file) => (await chart()).save(file),
  'overlay.png': (file) => writePng(file, { width: 50, height: 60, data: noise }),
};
