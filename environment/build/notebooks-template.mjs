// The notebooks as the npm package has them, to be copied out and worked on: without what they have shown, and with
// imports from the package. What they import that no other entry has is in one of their own, `stfpm-lab/notebooks`.
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../setup/paths.mjs';

const folder = path.join(root, 'notebooks');

/** What stands for a module of `src`. @type {Record<string, string>} */
const publicEntries = { 'lib/index': 'stfpm-lab/training', 'viz/index': 'stfpm-lab/viz' };

const importPattern = /\bimport (type )?([^;']+?) from '\.\/src\/([^']+)';/g;

/** @typedef {{ cell_type: string, source: string[], outputs?: unknown[], execution_count?: number | null }} Cell */
/** @typedef {{ cells: Cell[] } & Record<string, unknown>} Notebook */

/** @returns {[name: string, notebook: Notebook][]} */
function readNotebooks() {
  const names = fs.readdirSync(folder).filter((name) => name.endsWith('.ipynb'));
  return names
    .sort()
    .map((name) => [name, JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'))]);
}

/** @returns {Map<string, string>} notebooks, by their files' names */
export function packagedNotebooks() {
  return new Map(
    readNotebooks().map(([name, notebook]) => {
      const cells = notebook.cells.map((cell) => {
        const source = packagedSource(cell.source.join(''))
          .split(/(?<=\n)/)
          .filter((line) => line !== '');
        return cell.cell_type === 'code'
          ? { ...cell, source, outputs: [], execution_count: null }
          : { ...cell, source };
      });
      return [name, JSON.stringify({ ...notebook, cells }, null, 1) + '\n'];
    }),
  );
}

/**
 * @param {string} text of a cell
 * @returns {string}
 */
export function packagedSource(text) {
  return text
    .replace(importPattern, (_, type = '', names, module) => {
      return `import ${type}${names} from '${publicEntries[module] ?? 'stfpm-lab/notebooks'}';`;
    })
    .replace(/\bnpx stfpm\b/g, 'npx --no -- stfpm')
    .replace(/\bnpm run lab\b/g, 'jupyter lab');
}

/**
 * The entry for what the notebooks import beyond the public ones.
 *
 * @returns {string} TypeScript, in `src`
 * @throws where two modules have the same name for different things
 */
export function notebooksEntry() {
  const texts = readNotebooks().flatMap(([, { cells }]) =>
    cells.filter((cell) => cell.cell_type === 'code').map(({ source }) => source.join('')),
  );
  /** @type {Map<string, { module: string, isType: boolean }>} */
  const found = new Map();
  for (const [, type, names, module] of texts.flatMap((text) => [
    ...text.matchAll(importPattern),
  ])) {
    if (publicEntries[module] !== undefined) continue;
    for (const name of names.replace(/[{}]/g, '').split(',')) {
      const known = found.get(name.trim());
      if (name.trim() === '') continue;
      if (known !== undefined && known.module !== module)
        throw new Error(`notebooks import ${name.trim()} from ${known.module} and from ${module}`);
      found.set(name.trim(), { module, isType: type !== undefined });
    }
  }
  return [...found]
    .map(
      ([name, { module, isType }]) =>
        `export ${isType ? 'type ' : ''}{ ${name} } from './${module}';\n`,
    )
    .join('');
}
