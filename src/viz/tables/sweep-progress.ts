import { Table } from './table';

const STATES = ['finished', 'running', 'queued', 'ready', 'waiting', 'failed', 'blocked'] as const;

/** Of a plan of `stfpm sweep plan`, what its progress shows. */
export interface PlanToShow {
  name: string;
  rows: readonly { name: string; title: string }[];
  cells: readonly { row: string; node: string }[];
  nodes: readonly { id: string; needs: readonly string[] }[];
}

/** What `sweep(...).on(...)` hands to `onStatus`. */
export interface StatusToShow {
  states: ReadonlyMap<string, (typeof STATES)[number]>;
  reasons: ReadonlyMap<string, string>;
}

/**
 * How far a sweep is: for each row of its table how many of its commands are in which state, with those that several
 * rows need counted in each, and why those that failed did. In a cell, with `liveDisplay`:
 * `onStatus: (status) => live.update(() => sweepProgressTable(plan, status))`.
 */
export function sweepProgressTable(
  { name, rows, cells, nodes }: PlanToShow,
  { states, reasons }: StatusToShow,
): Table {
  const needs = new Map(nodes.map((node) => [node.id, node.needs]));
  const withNeeds = (id: string): string[] => [id, ...(needs.get(id) ?? []).flatMap(withNeeds)];
  const stateOf = (id: string) => states.get(id) ?? 'waiting';
  const shown = STATES.filter(
    (state) => state === 'finished' || nodes.some(({ id }) => stateOf(id) === state),
  );
  const line = (title: string, ids: readonly string[]) => [
    title,
    ids.length,
    ...shown.map((state) => ids.filter((id) => stateOf(id) === state).length),
  ];
  const lines = rows.map((row) => {
    const own = cells
      .filter((cell) => cell.row === row.name)
      .flatMap(({ node }) => withNeeds(node));
    return line(row.title, [...new Set(own)]);
  });
  const all = line(
    'all',
    nodes.map(({ id }) => id),
  );
  return new Table(
    [
      { title: '' },
      ...['commands', ...shown].map((title) => ({ title, align: 'right' as const, digits: 0 })),
    ],
    [...lines, all],
    {
      title: name,
      notes: nodes.flatMap(({ id }) =>
        stateOf(id) === 'failed' ? [reasons.get(id) ?? 'no reason known'] : [],
      ),
    },
  );
}
