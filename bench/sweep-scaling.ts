import * as path from 'path';
import { estimator } from '../src/cli/experiments/sweep-estimate';
import type { Dataset } from '../src/lib/data/sample';
import { makespan } from '../src/lib/sweep/makespan';
import { cellsOfSweep, makePlan } from '../src/lib/sweep/plan';
import type { PlanData, PlanNode } from '../src/lib/sweep/plan';
import type { SweepFile } from '../src/lib/sweep/sweep-file';
import { Chart } from '../src/viz/charts/chart';
import { seriesEncoding } from '../src/viz/charts/theme';

/**
 * How a study of 15 categories, 8 configurations and 5 seeds would scale on 1 to 200 workers, simulated from the lab's
 * own records: `node -r ./test/register.cjs bench/sweep-scaling.ts`. Writes docs/sweep-scaling.svg.
 */

/** MVTec AD (Bergmann et al., CVPR 2019, Table 1): train and test images of its categories. */
const IMAGES: Readonly<Record<string, [number, number]>> = {
  bottle: [209, 83],
  cable: [224, 150],
  capsule: [219, 132],
  carpet: [280, 117],
  grid: [264, 78],
  hazelnut: [391, 110],
  leather: [245, 124],
  metal_nut: [220, 115],
  pill: [267, 167],
  screw: [320, 160],
  tile: [230, 117],
  toothbrush: [60, 42],
  transistor: [213, 100],
  wood: [247, 79],
  zipper: [240, 151],
};

/** Seconds that each engine adds to a command, as measured (docs/sweeps.md). */
const OVERHEADS = { 'local processes': 0, Slurm: 2.5, Ray: 12 };

const WORKERS = [1, 2, 4, 8, 15, 25, 40, 60, 80, 100, 125, 150, 175, 200];

/** No record has a pre-training's time: it is taken to be a joint training's, which does more, */
const NOT_MEASURED = { 'pre-training': 'joint' } as const;
/** and a judgement that no record of its method has the time of, the slowest of those that have a student. */
const SECONDS_PER_TEST_IMAGE = 0.09;

const row = (
  name: string,
  method: string,
  more: Partial<SweepFile['rows'][number]> = {},
): SweepFile['rows'][number] => ({
  ...{ name, method, settings: {}, grid: {}, preTraining: {} },
  ...more,
});

function studyNodes(): PlanNode[] {
  const categories = Object.keys(IMAGES);
  const sweep: SweepFile = {
    ...{ name: 'study', data: 'mvtec_ad', teacher: 'embedded', categories, seeds: [0, 1, 2, 3, 4] },
    settings: {},
    rows: [
      row('stfpm', 'stfpm'),
      row('joint', 'joint', { grid: { alpha: [1e-8, 1e-7, 1e-6, 1e-5] } }),
      row('patchcore', 'patchcore'),
      row('one-class', 'one-class'),
      row('vae', 'vae'),
    ],
    resources: { cpus: 2, gpus: 0, memory: 3000 },
  };
  const sample = { file: '' } as Dataset['train'][number];
  const data = new Map(
    Object.entries(IMAGES).map(([category, [train, test]]): [string, PlanData] => [
      category,
      {
        sha256: category,
        dataset: {
          ...{ root: '/', category },
          train: Array.from({ length: train }, () => sample),
          test: Array.from({ length: test }, () => sample),
        },
      },
    ]),
  );
  const measured = estimator(path.resolve('runs', 'none'));
  return makePlan(cellsOfSweep(sweep, data, { kind: 'embedded', sha256: 't' }), {
    ...{ name: 'study', version: '0', runs: '/runs', resources: sweep.resources },
    estimate: (kind, config, images) => {
      const recipe = NOT_MEASURED[config.recipe as keyof typeof NOT_MEASURED] ?? config.recipe;
      const known = measured(kind, { ...config, recipe } as typeof config, images);
      return known ?? images.dataset.test.length * SECONDS_PER_TEST_IMAGE;
    },
  }).nodes;
}

async function main(): Promise<void> {
  const nodes = studyNodes();
  const points = Object.entries(OVERHEADS).flatMap(([engine, overhead]) =>
    WORKERS.map((workers) => {
      const { seconds, idle } = makespan(nodes, { workers, overhead });
      return { engine, workers, hours: seconds / 3600, idle };
    }),
  );
  console.table(points);
  const x = {
    field: 'workers',
    type: 'quantitative' as const,
    title: 'workers',
    scale: { type: 'log' as const, domain: [1, 200], nice: false },
    axis: { values: [1, 2, 4, 8, 15, 40, 100, 200], format: 'd' },
  };
  const panel = (field: string, title: string, more: object) => ({
    ...{ width: 260, height: 200 },
    mark: { type: 'line' as const, point: true },
    encoding: {
      x,
      y: { field, type: 'quantitative' as const, title, ...more },
      ...seriesEncoding('engine', Object.keys(OVERHEADS)),
    },
  });
  const chart = await Chart.from(
    {
      title: {
        text: `15 categories, 8 configurations, 5 seeds: ${nodes.length} commands`,
        subtitle: 'simulated from measured times of one command, two cores each',
      },
      data: { values: points },
      hconcat: [
        panel('hours', 'hours', { scale: { type: 'log' } }),
        panel('idle', 'share of the workers that is idle', { axis: { format: '%' } }),
      ],
    },
    `Hours and idle share over workers: ${points
      .filter(({ workers }) => [1, 40, 200].includes(workers))
      .map(
        (p) => `${p.engine}, ${p.workers}: ${p.hours.toFixed(1)} h, ${(100 * p.idle).toFixed(0)} %`,
      )
      .join('; ')}.`,
  );
  console.log(await chart.save(path.join('docs', 'sweep-scaling.svg')));
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
