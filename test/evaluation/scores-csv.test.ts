import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { formatScoresCsv, writeScoresCsv } from '../../src/lib/evaluation/csv';

describe('formatScoresCsv', () => {
  it('writes a header and a line for each image', () => {
    const csv = formatScoresCsv([
      { file: 'good/000.png', label: 0, score: 0.25 },
      { file: 'broken/001.png', label: 1, score: 2 },
    ]);
    assert.equal(csv, 'file,label,score\ngood/000.png,0,0.25\nbroken/001.png,1,2\n');
  });

  it('writes the header alone for no images', () => {
    assert.equal(formatScoresCsv([]), 'file,label,score\n');
  });

  const lineOf = (file: string) =>
    formatScoresCsv([{ file, label: 0, score: -1 }]).slice('file,label,score\n'.length);

  it('quotes a field with a comma or a quotation mark', () => {
    assert.deepEqual(['a,b.png', 'a"b.png', 'a b.png'].map(lineOf), [
      '"a,b.png",0,-1\n',
      '"a""b.png",0,-1\n',
      'a b.png,0,-1\n',
    ]);
  });

  it('leaves no name to forge a line, to reach the terminal or to run as a formula', () => {
    assert.equal(lineOf('x.png\ny.png,0,1'), '"x.png\\ny.png,0,1",0,-1\n');
    assert.equal(lineOf('\x1b[2Jx'), '\\u001b[2Jx,0,-1\n');
    assert.deepEqual(['=cmd|x', '+1', '-1', '@sum', 'a=b'].map(lineOf), [
      "'=cmd|x,0,-1\n",
      "'+1,0,-1\n",
      "'-1,0,-1\n",
      "'@sum,0,-1\n",
      'a=b,0,-1\n',
    ]);
  });

  it('writes a score with all the digits of its value', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (score) => {
        const csv = formatScoresCsv([{ file: 'a', label: 1, score }]);
        const field = csv.trimEnd().split(',').at(-1);
        assert.equal(Number(field), score === 0 ? 0 : score);
      }),
    );
    const single = Math.fround(0.1);
    assert.match(
      formatScoresCsv([{ file: 'a', label: 1, score: single }]),
      /,0\.10000000149011612\n$/,
    );
  });
});

describe('writeScoresCsv', () => {
  it('leaves one file, which replaces an older one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'scores-'));
    try {
      const file = join(folder, 'scores.csv');
      await writeScoresCsv(file, [{ file: 'old', label: 0, score: 1 }]);
      const results = [{ file: 'Größe, "groß".png', label: 1 as const, score: 1 / 3 }];
      await writeScoresCsv(file, results);
      assert.equal(await readFile(file, 'utf8'), formatScoresCsv(results));
      assert.deepEqual(await readdir(folder), ['scores.csv']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
