// The notebook kernel in the npm package: the lab's own, with other answers to where things are. Cells import from the
// project that has installed the package, whose library is compiled for good.
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../setup/paths.mjs';

const kernelFolder = 'environment/kernel';

/**
 * In place of the checkout's. The two variables are in the kernelspec, which `stfpm kernel install` writes.
 * @type {Record<string, string>}
 */
const replaced = {
  'environment/setup/paths.mjs': `export const root = process.env.STFPM_PROJECT ?? process.cwd();
export const engineFolder = process.env.STFPM_ENGINE ?? root;
`,
  'environment/build/state.mjs': `import { fileURLToPath } from 'node:url';
const inPackage = (name) => fileURLToPath(new URL('../../../' + name, import.meta.url));
export const distOf = () => inPackage('dist/cjs');
export const sourcesOf = () => inPackage('src');
export const stampFileOf = () => inPackage('package.json');
`,
  'environment/build/build.mjs': 'export const describeErrors = String;\n',
  'environment/kernel/rebuild.mjs': 'export const bringUpToDate = async () => [];\n',
};

/** @returns {Map<string, string>} content by the file's path */
export function kernelTemplate() {
  const names = fs.readdirSync(path.join(root, kernelFolder));
  const files = names
    .filter((name) => name !== 'README.md')
    .map((name) => `${kernelFolder}/${name}`);
  const texts = Object.fromEntries(
    files.map((name) => [name, fs.readFileSync(path.join(root, name), 'utf8')]),
  );
  const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  const manifest = { 'package.json': JSON.stringify({ version }) };
  return new Map(Object.entries({ ...texts, ...replaced, ...manifest }));
}
