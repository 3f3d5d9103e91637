import * as path from 'path';
import type { Plan, PlanNode } from '../../lib/sweep/plan';
import { isFinished, logTail } from '../../lib/sweep/node-state';
import type { SweepStatus } from '../../lib/sweep/coordinate';
import { signFlipTest } from '../../lib/sweep/sign-flip';
import { epochsOf } from '../../lib/runs/run-config';
import { readResult } from '../runs/result-record';
import type { ResultRecord } from '../runs/result-record';
import { COLUMNS, COST_COLUMNS, experimentTable } from './experiment-table';
import type { Group } from './experiment-table';

/** A table: its head and its rows, as text. */
export interface TextTable {
  head: string[];
  rows: string[][];
}

export interface SweepTable {
  table: TextTable;
  notes: string[];
  /** What is not in the table, each in a line with the reason and the log's last lines. */
  missing: string[];
  /** Rows against the first; absent where there is one alone. */
  against: (TextTable & { note: string }) | null;
  /** The finished runs of each row that has any. */
  groups: Group[];
}

/** What has come of a plan so far. */
export function sweepTable(plan: Plan, { states, reasons }: SweepStatus): SweepTable {
  const nodes = new Map(plan.nodes.map((node) => [node.id, node]));
  const records = new Map<string, ResultRecord>();
  for (const { node } of plan.cells) {
    const found = nodes.get(node)!;
    if (states.get(node) === 'finished' && isFinished(found)) {
      records.set(node, readResult(found.output));
    }
  }
  const cellsOf = (row: string) => plan.cells.filter((cell) => cell.row === row);
  const groups = plan.rows.flatMap((row): Group[] => {
    const own = cellsOf(row.name).flatMap(({ node }) => records.get(node) ?? []);
    return own.length === 0 ? [] : [{ preset: row, epochs: epochsOf(own[0].config), records: own }];
  });
  const shown = experimentTable(groups, [...COLUMNS, COST_COLUMNS[0]]);
  const head = ['', 'n', ...shown.head.slice(1)];
  const rows = plan.rows.map((row) => {
    const index = groups.findIndex(({ preset }) => preset === row);
    const all = cellsOf(row.name).length;
    const [title, ...rest] =
      index < 0 ? [row.title, ...shown.head.slice(1).map(() => '–')] : shown.rows[index];
    const done = index < 0 ? 0 : groups[index].records.length;
    return [title, done === all ? `${all}` : `${done} of ${all}`, ...rest];
  });
  return {
    table: { head, rows },
    notes: shown.notes,
    missing: plan.cells.flatMap((cell) => {
      if (records.has(cell.node)) return [];
      const row = plan.rows.find(({ name }) => name === cell.row)!;
      const why = whyMissing(plan, nodes, cell.node, { states, reasons });
      return [`${row.title}, seed ${cell.seed}: ${why}`];
    }),
    against: comparison(plan, records),
    groups,
  };
}

/** The state of a node, or of the one before it that keeps it back. */
function whyMissing(
  plan: Plan,
  nodes: ReadonlyMap<string, PlanNode>,
  id: string,
  status: SweepStatus,
): string {
  const node = nodes.get(id)!;
  const before = node.needs.find((need) => status.states.get(need) !== 'finished');
  if (before !== undefined) return whyMissing(plan, nodes, before, status);
  const state = status.states.get(id) ?? 'waiting';
  const what = `${node.kind === 'train' ? 'training' : 'evaluation'} of ${node.name}`;
  if (state !== 'failed') return `${what} is ${state === 'ready' ? 'not begun' : state}`;
  const tail = logTail(plan, node)
    .map((line) => `\n    ${line}`)
    .join('');
  return `${what} failed (${status.reasons.get(id) ?? 'no reason known'})${tail}`;
}

const COMPARED = [
  { title: 'image AUROC', of: ({ metrics }: ResultRecord) => metrics.image.auroc },
  { title: 'pixel AUROC', of: ({ metrics }: ResultRecord) => metrics.pixel.auroc },
] as const;

/** Each group of rows against the first one, by the same category and seed. */
function comparison(plan: Plan, records: ReadonlyMap<string, ResultRecord>): SweepTable['against'] {
  const names = [...new Set(plan.rows.map(({ group }) => group))];
  if (names.length < 2) return null;
  const byPair = (group: string) => {
    const rows = new Set(plan.rows.filter((row) => row.group === group).map(({ name }) => name));
    return new Map(
      plan.cells.flatMap(({ row, seed, category, node }) => {
        const record = rows.has(row) ? records.get(node) : undefined;
        return record ? [[`${category} ${seed}`, record] as const] : [];
      }),
    );
  };
  const first = byPair(names[0]);
  const rows = names.slice(1).flatMap((name) => {
    const own = byPair(name);
    const cells = COMPARED.flatMap(({ of }) => {
      const differences = [...own].flatMap(([pair, record]) => {
        const [ours, theirs] = [of(record), first.has(pair) ? of(first.get(pair)!) : null];
        return typeof ours === 'number' && typeof theirs === 'number' ? [ours - theirs] : [];
      });
      const { pairs, difference, p } = signFlipTest(differences);
      if (p === null) return ['–', '–', '0'];
      const sign = difference < 0 ? '−' : '+';
      return [`${sign}${Math.abs(difference).toFixed(4)}`, p.toPrecision(2), String(pairs)];
    });
    return [[name, ...cells]];
  });
  return {
    head: ['', ...COMPARED.flatMap(({ title }) => [title, 'p', 'pairs'])],
    rows,
    note:
      `Differences from ${names[0]}, by the same category and seed. p: paired permutation test, two-sided; n pairs ` +
      'cannot give less than 2 / 2^n, and p is not corrected for the number of rows.',
  };
}

/** Every finished run, a line each. */
export function sweepCsv(plan: Plan, status: SweepStatus): (string | number)[][] {
  const nodes = new Map(plan.nodes.map((node) => [node.id, node]));
  const columns = [...COLUMNS, ...COST_COLUMNS];
  return [
    ['row', 'category', 'seed', 'state', 'run', ...columns.map(({ title }) => title)],
    ...plan.cells.map(({ row, category, seed, node }) => {
      const found = nodes.get(node)!;
      const state = status.states.get(node) ?? 'waiting';
      const record = state === 'finished' ? readResult(found.output) : null;
      return [
        ...[row, category, seed, state, path.basename(path.dirname(found.output))],
        ...columns.map(({ ours }) => (record && ours(record)) ?? ''),
      ];
    }),
  ];
}
