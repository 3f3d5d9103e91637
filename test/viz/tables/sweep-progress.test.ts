import assert from 'node:assert/strict';
import { sweepProgressTable } from '../../../src/viz/tables/sweep-progress';

const plan = {
  name: 'first',
  rows: [
    { name: 'a', title: 'Row A' },
    { name: 'b', title: 'Row B' },
  ],
  cells: [
    { row: 'a', node: 'ea' },
    { row: 'b', node: 'eb' },
  ],
  nodes: [
    { id: 'shared', needs: [] },
    { id: 'ea', needs: ['shared'] },
    { id: 'tb', needs: ['shared'] },
    { id: 'eb', needs: ['tb'] },
  ],
};

describe('sweepProgressTable', () => {
  it('counts the commands of each row by state, and says why one failed', () => {
    const table = sweepProgressTable(plan, {
      states: new Map([
        ['shared', 'finished'],
        ['ea', 'running'],
        ['tb', 'failed'],
        ['eb', 'blocked'],
      ]),
      reasons: new Map([['tb', 'exit code 3: the loss is NaN']]),
    });
    assert.deepEqual(
      table.columns.map(({ title }) => title),
      ['', 'commands', 'finished', 'running', 'failed', 'blocked'],
    );
    assert.deepEqual(table.rows, [
      ['Row A', 2, 1, 1, 0, 0],
      ['Row B', 3, 1, 0, 1, 1],
      ['all', 4, 1, 1, 1, 1],
    ]);
    assert.match(table.toMarkdown(), /\*\*first\*\*[^]*\| Row A \| 2 \|[^]*exit code 3/);
  });

  it('shows one that has not begun', () => {
    const { rows } = sweepProgressTable(plan, { states: new Map(), reasons: new Map() });
    assert.deepEqual(rows.at(-1), ['all', 4, 0, 4]);
  });
});
