import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import path from 'node:path';
import { DrivenKernel } from './driven-kernel';

describe('notebook 03', function () {
  this.timeout(120_000);

  it('finds its rows among the records that are published, of whatever methods', async () => {
    const file = path.join('notebooks', '03-joint-finetuning.ipynb');
    const { cells } = JSON.parse(fs.readFileSync(file, 'utf8')) as {
      cells: { source: string[] }[];
    };
    const table = cells
      .map(({ source }) => source.join(''))
      .find((code) => code.includes("('results')"));
    assert.ok(table !== undefined);
    const kernel = new DrivenKernel();
    try {
      await kernel.run(
        `import * as lab from './src/lib/index';\nimport * as viz from './src/viz/index';`,
      );
      const { status, outputs } = await kernel.run(table);
      assert.equal(status, 'ok', JSON.stringify(outputs));
      assert.match(JSON.stringify(outputs), /100 epochs, seed 0/);
    } finally {
      await kernel.close();
    }
  });
});
