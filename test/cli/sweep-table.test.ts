import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse } from 'yaml';
import { writeMlflow } from '../../src/cli/experiments/mlflow';
import { sweepCsv, sweepTable } from '../../src/cli/experiments/sweep-table';
import { statusOnDisk } from '../../src/lib/sweep/coordinate';
import { nodeFiles, writeSubmission } from '../../src/lib/sweep/node-state';
import { cellsOfSweep, makePlan } from '../../src/lib/sweep/plan';
import type { Plan, PlanNode } from '../../src/lib/sweep/plan';
import { temporaryFolder } from '../data/temporary-folder';

const RESOURCES = { cpus: 1, gpus: 0, memory: 100 };
/** A record of the lab's own, of any run. */
const RECORD = path.resolve('results', 'baseline-bottle-A-seed0.json');

/** Two rows with two seeds, of which the second row's last did not come to its end. */
function halfFinished(runs: string): Plan {
  const row = (name: string, momentum: number) => ({
    ...{ name, method: 'stfpm', settings: { momentum }, preTraining: {}, grid: {} },
  });
  const cells = cellsOfSweep(
    {
      ...{ name: 'two', data: 'd', teacher: 'embedded', categories: ['dots'], seeds: [0, 1] },
      ...{ settings: { epochs: 2 }, resources: RESOURCES, rows: [row('a', 0.9), row('b', 0.8)] },
    },
    new Map([
      ['dots', { dataset: { root: '/d', category: 'dots', train: [], test: [] }, sha256: 'a' }],
    ]),
    { kind: 'embedded', sha256: 't' },
  );
  const plan = makePlan(cells, { name: 'two', version: '1', resources: RESOURCES, runs });
  const failed = plan.nodes.filter(({ kind }) => kind === 'train').at(-1)!;
  for (const node of plan.nodes) {
    if (path.dirname(node.output) !== path.dirname(failed.output)) finish(node);
  }
  const handle = { id: 'x', attempt: 2, engine: 'local', handle: {} };
  writeSubmission(plan, failed, { ...handle, failed: 'exit code 3: error: NaN' });
  fs.writeFileSync(nodeFiles(plan, failed).log, 'Reading images\nerror: NaN\n');
  return plan;
}

function finish({ kind, config, output, from }: PlanNode): void {
  const folder = path.dirname(output);
  fs.mkdirSync(folder, { recursive: true });
  const write = (name: string, value: unknown) =>
    fs.writeFileSync(path.join(folder, name), JSON.stringify(value));
  if (kind === 'evaluate') return fs.copyFileSync(RECORD, output);
  const teacher = { kind: 'embedded', name: 'e', sha256: from.teacher };
  write('config.json', { config, dataset: { root: '/d', trainImages: from.trainImages }, teacher });
  write('metrics.jsonl', { epoch: 1, loss: 2, seconds: 3, validation: 0.5 });
  fs.appendFileSync(
    path.join(folder, 'metrics.jsonl'),
    `\n${JSON.stringify({ epoch: 2, loss: 1, seconds: 3, validation: 0.25 })}\n`,
  );
  write('model.safetensors', {});
  write('summary.json', {});
}

describe('the table of a sweep', () => {
  const folder = temporaryFolder();
  let plan: Plan;
  before(() => {
    plan = halfFinished(folder.path('runs'));
  });

  it('names what is missing, with the reason and the end of its log', () => {
    const { table, missing, against } = sweepTable(plan, statusOnDisk(plan));
    assert.deepEqual(
      table.rows.map(([title, n]) => [title.replace(/ \(.*/, ''), n]),
      [
        ['dots: a', '2'],
        ['dots: b', '1 of 2'],
      ],
    );
    assert.equal(missing.length, 1);
    assert.match(missing[0], /^dots: b, seed 1: training of .* failed \(exit code 3: error: NaN\)/);
    assert.match(missing[0], /Reading images\n\s+error: NaN$/);
    // Pairs are of the seeds that both rows have.
    const [[name, difference, , pairs]] = against!.rows;
    assert.deepEqual([name, difference, pairs], ['b', '+0.0000', '1']);
  });

  it('has every cell as a line of CSV, finished or not', () => {
    const [head, ...lines] = sweepCsv(plan, statusOnDisk(plan));
    const state = head.indexOf('state');
    assert.deepEqual(
      lines.map((line) => line[state]),
      ['finished', 'finished', 'finished', 'blocked'],
    );
    assert.equal(lines[3][head.indexOf('pixel AUROC')], '');
  });

  it('goes into MLflow’s file store, the same cell as the same run', () => {
    const store = folder.path('mlruns');
    const status = statusOnDisk(plan);
    assert.equal(writeMlflow(store, plan, status), 3);
    writeMlflow(store, plan, status);
    const [experiment, ...others] = fs.readdirSync(store);
    assert.deepEqual(others, []);
    const read = (...names: string[]) => fs.readFileSync(path.join(store, ...names), 'utf8');
    assert.equal((parse(read(experiment, 'meta.yaml')) as { name: string }).name, 'two');
    const runs = fs
      .readdirSync(path.join(store, experiment))
      .filter((name) => name !== 'meta.yaml');
    assert.equal(runs.length, 3);
    const names = runs.map((run) => read(experiment, run, 'tags', 'mlflow.runName'));
    assert.deepEqual(names.sort(), ['a dots seed 0', 'a dots seed 1', 'b dots seed 0']);
    const [run] = runs;
    const meta = parse(read(experiment, run, 'meta.yaml')) as Record<string, unknown>;
    assert.deepEqual([meta.run_id, meta.experiment_id, meta.status], [run, experiment, 3]);
    const validation = read(experiment, run, 'metrics', 'epoch validation').trim().split('\n');
    assert.deepEqual(
      validation.map((line) => line.split(' ').slice(1)),
      [
        ['0.5', '1'],
        ['0.25', '2'],
      ],
    );
    const { metrics } = JSON.parse(fs.readFileSync(RECORD, 'utf8')) as {
      metrics: { pixel: { auroc: number } };
    };
    const auroc = read(experiment, run, 'metrics', 'pixel AUROC').split(' ')[1];
    assert.equal(Number(auroc), metrics.pixel.auroc);
    assert.equal(read(experiment, run, 'params', 'epochs'), '2');
  });
});
