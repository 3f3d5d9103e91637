import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { CellCompiler } from '../../environment/kernel/cell-compiler.mjs';
import { withoutExports } from '../../environment/kernel/exports.mjs';
import { root } from '../../environment/setup/paths.mjs';

/** What papermill puts after the cell of parameters, such as for `-p category leather`. */
const injected = 'let profile = "quick";\nlet category = "leather";\nlet seed = 1;';

/** @typedef {{ cell_type: string, source: string[], metadata: { tags?: string[] } }} Cell */

/** @param {string} file @returns {string[]} the code of its cells, with other parameters than its own */
function cellsOf(file) {
  const { cells } = /** @type {{ cells: Cell[] }} */ (JSON.parse(fs.readFileSync(file, 'utf8')));
  return cells
    .filter(({ cell_type }) => cell_type === 'code')
    .flatMap(({ source, metadata }) => {
      const isOfParameters = metadata.tags?.includes('parameters');
      return [source.join(''), ...(isOfParameters ? [injected] : [])];
    });
}

describe('notebooks', function () {
  this.timeout(120_000);
  const folder = path.join(root, 'notebooks');
  const names = fs.readdirSync(folder).filter((name) => name.endsWith('.ipynb'));

  it('are there', () => assert.ok(names.length >= 6));

  for (const name of names) {
    it(`${name} passes the types of the library, cell by cell`, () => {
      const compiler = new CellCompiler(root, [folder, root]);
      for (const [i, code] of cellsOf(path.join(folder, name)).entries()) {
        const { errors, cell } = compiler.compile(withoutExports(code));
        assert.deepEqual(errors, [], `code cell ${i + 1}`);
        cell?.declare(new Set());
      }
    });
  }
});
