import assert from 'node:assert/strict';
import { JUPYTER_DISPLAY } from '../../../src/viz/display/mime-bundle';
import { metricsTable } from '../../../src/viz/tables/metrics-table';
import { Table } from '../../../src/viz/tables/table';

const columns = [
  { title: 'Run' },
  { title: 'AUROC', best: 'highest' as const },
  { title: 'Seconds', best: 'lowest' as const, digits: 1 },
];
const rows = [
  ['a', 0.98765, 12],
  ['long name', 0.9, 3.14],
  ['c', null, undefined],
];

describe('Table', () => {
  it('is Markdown with numbers to the right and the best in bold', () => {
    assert.equal(
      new Table(columns, rows).toMarkdown(),
      [
        '| Run | AUROC | Seconds |',
        '| :--- | ---: | ---: |',
        '| a | **0.9877** | 12.0 |',
        '| long name | 0.9000 | **3.1** |',
        '| c | n/a | n/a |',
      ].join('\n'),
    );
  });

  it('is text in aligned columns', () => {
    assert.equal(
      new Table(columns, rows, { title: 'Runs', notes: ['One seed.'] }).toText(),
      [
        'Runs',
        'Run         AUROC  Seconds',
        '---------  ------  -------',
        'a          0.9877     12.0',
        'long name  0.9000      3.1',
        'c             n/a      n/a',
        'One seed.',
      ].join('\n'),
    );
  });

  it('has columns on the side that they ask for, and a head set as the caller likes', () => {
    const numbers = new Table(
      [{ title: '' }, { title: 'mean', align: 'right' }],
      [
        ['one', '0.5 ± 0.1'],
        ['three', '–'],
      ],
    );
    assert.equal(
      numbers.toText((head) => `<${head}>`),
      ['<            mean>', '-----  ---------', 'one    0.5 ± 0.1', 'three          –'].join('\n'),
    );
    assert.equal(numbers.toMarkdown().split('\n')[1], '| --- | ---: |');
  });

  it('marks every row that shares the best number as shown, and nothing in a single row', () => {
    const best = new Table([{ title: 'x', best: 'highest', digits: 1 }], [[0.51], [0.49], [0.1]]);
    assert.equal(best.toMarkdown().match(/\*\*0\.5\*\*/g)?.length, 2);
    const single = new Table([{ title: 'x', best: 'highest' }], [[1]]);
    assert.doesNotMatch(single.toMarkdown(), /\*\*/);
  });

  it('shows NaN and infinity as not available', () => {
    assert.match(
      new Table([{ title: 'x' }], [[NaN], [Infinity]]).toText(),
      /n\/a\nn\/a|n\/a\n *n\/a/,
    );
  });

  it('keeps text from breaking the Markdown', () => {
    const markdown = new Table([{ title: 'a|b' }], [['x | y\n<b> *z*']]).toMarkdown();
    assert.equal(markdown.split('\n')[0], '| a\\|b |');
    assert.equal(markdown.split('\n')[2], '| x \\| y \\<b\\> \\*z\\* |');
    const names = new Table([{ title: 'L_tot' }], [['_a_ __init__']]).toMarkdown().split('\n');
    assert.equal(names[0], '| L_tot |');
    assert.equal(names[2], '| \\_a\\_ \\_\\_init\\_\\_ |');
  });

  it('shows itself in a notebook as Markdown and text', () => {
    const table = new Table(columns, rows);
    assert.deepEqual(table[JUPYTER_DISPLAY](), {
      'text/markdown': table.toMarkdown(),
      'text/plain': table.toText(),
    });
  });

  it('refuses a row of another length', () => {
    assert.throws(() => new Table(columns, [['a']]), /expected 3 cells in row 1, found 1/);
  });
});

describe('metricsTable', () => {
  it('has one row a run, with what is not defined left open', () => {
    const text = metricsTable([
      { name: 'STFPM', metrics: { image: { auroc: 1 }, pixel: { auroc: 0.9876, aupro: null } } },
      {
        name: 'joint',
        metrics: {
          image: { auroc: 0.5 },
          pixel: { instanceAveragePrecision: 0.25, aupro: 0.75, aupro05: 0.625 },
        },
      },
    ]).toMarkdown();
    assert.match(text, /\| STFPM \| \*\*1\.0000\*\* \| n\/a \| n\/a \| 0\.9876 \|/);
    assert.match(
      text,
      /\| joint \| 0\.5000 \|.*\| 0\.2500 \| n\/a \| 0\.7500 \| 0\.6250 \| n\/a \|/,
    );
    assert.match(text, /F1-max: at the threshold that is best on the test labels\./);
  });
});
