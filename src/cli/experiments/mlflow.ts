import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { pathToFileURL } from 'url';
import { stringify } from 'yaml';
import { writeFileAtomic } from '../../lib/files/atomic-write';
import type { SweepStatus } from '../../lib/sweep/coordinate';
import type { Plan, PlanNode } from '../../lib/sweep/plan';
import { RunFolder } from '../../lib/training/run-folder';
import { readResult } from '../runs/result-record';
import { COLUMNS, COST_COLUMNS } from './experiment-table';

/** MLflow's numbers for a run that is finished, and for one that was begun from a program. */
const [FINISHED, LOCAL] = [3, 4];

/**
 * Writes the finished runs of a plan as MLflow's file store has them (`mlflow ui --backend-store-uri FOLDER`): one
 * experiment for the plan, a run for each cell, with its settings as parameters, its epochs' numbers as metrics by step
 * and what it came to as metrics. The same cell is the same run however often it is written.
 *
 * @returns how many runs
 */
export function writeMlflow(folder: string, plan: Plan, { states }: SweepStatus): number {
  // MLflow's identifiers of experiments are numbers.
  const experiment = String(parseInt(hash(plan.name, plan.runs).slice(0, 12), 16));
  const home = path.join(path.resolve(folder), experiment);
  const nodes = new Map(plan.nodes.map((node) => [node.id, node]));
  const finished = plan.cells.filter(({ node }) => states.get(node) === 'finished');
  const times: number[] = [];
  for (const cell of finished) {
    const node = nodes.get(cell.node)!;
    const run = hash(cell.row, cell.node);
    const at = path.join(home, run);
    const time = Math.round(fs.statSync(node.output).mtimeMs);
    times.push(time);
    const artifacts = path.dirname(node.output);
    const name = `${cell.row} seed ${cell.seed}`;
    // A folder without it is none of MLflow's runs.
    fs.mkdirSync(path.join(at, 'artifacts'), { recursive: true });
    const write = (file: string, text: string) => writeFileAtomic(path.join(at, file), text);
    for (const [parameter, value] of Object.entries(node.config)) {
      write(`params/${parameter}`, typeof value === 'string' ? value : JSON.stringify(value));
    }
    for (const [metric, lines] of metricsOf(node, time)) {
      write(`metrics/${metric}`, `${lines.join('\n')}\n`);
    }
    write('tags/mlflow.runName', name);
    write('tags/row', cell.row);
    write(
      'meta.yaml',
      stringify({
        artifact_uri: pathToFileURL(artifacts).href,
        ...{ start_time: time, end_time: time, entry_point_name: '', experiment_id: experiment },
        ...{ lifecycle_stage: 'active', run_id: run, run_name: name, run_uuid: run },
        ...{ source_name: '', source_type: LOCAL, source_version: '', status: FINISHED },
        ...{ tags: [], user_id: 'stfpm' },
      }),
    );
  }
  const [created, updated] = times.length > 0 ? [Math.min(...times), Math.max(...times)] : [0, 0];
  writeFileAtomic(
    path.join(home, 'meta.yaml'),
    stringify({
      artifact_location: pathToFileURL(home).href,
      ...{ creation_time: created, last_update_time: updated, experiment_id: experiment },
      ...{ lifecycle_stage: 'active', name: plan.name },
    }),
  );
  return finished.length;
}

const hash = (...texts: readonly string[]) =>
  createHash('sha256').update(texts.join('\0')).digest('hex').slice(0, 32);

/** Lines of time, value and step, by metric. */
function metricsOf({ output }: PlanNode, time: number): Map<string, string[]> {
  const lines = new Map<string, string[]>();
  const add = (name: string, value: number, step: number) => {
    // What MLflow lets a name have.
    const key = name.replace(/[^\w\-. /]/g, '');
    lines.set(key, [...(lines.get(key) ?? []), `${time} ${value} ${step}`]);
  };
  for (const { epoch, ...numbers } of new RunFolder(path.dirname(output)).readEpochs()) {
    for (const [name, value] of Object.entries(numbers)) {
      if (value !== undefined) add(`epoch ${name}`, value, epoch);
    }
  }
  const record = readResult(output);
  for (const { title, ours } of [...COLUMNS, ...COST_COLUMNS]) {
    const value = ours(record);
    if (typeof value === 'number') add(title, value, 0);
  }
  return lines;
}
