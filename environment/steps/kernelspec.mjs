// The kernelspec tells Jupyter how to start the lab's kernel, and papermill is told how TypeScript writes parameters. Both
// are registered in the virtual environment alone, where only the lab's own Jupyter finds them.
import fs from 'node:fs';
import path from 'node:path';
import { writeFileAtomic } from '../../src/lib/files/atomic-write.js';
import { root, sitePackages, venvDir } from '../setup/paths.mjs';

export const kernelName = 'stfpm-ts';
const sourceFolder = path.join(root, 'environment', 'kernel');
const source = (/** @type {string} */ name) =>
  fs.readFileSync(path.join(sourceFolder, name), 'utf8');

/** @returns {string | null} why the step has to run */
export function kernelspecDue() {
  const current = [...contents()].every(([file, content]) => {
    try {
      return fs.readFileSync(file, 'utf8') === content;
    } catch {
      return false;
    }
  });
  return current ? null : 'not registered as it is now';
}

export async function registerKernel() {
  for (const [file, content] of contents()) writeFileAtomic(file, content);
}

/** @returns {[file: string, content: string][]} */
function contents() {
  // What the command `stfpm kernel install` registers, too: messages interrupt, on the control channel (a signal that
  // comes as a cell begins may be lost, or end the process), and there is a debugger.
  const spec = JSON.parse(source('kernel.json'));
  const argv = [process.execPath, path.join(sourceFolder, 'main.mjs'), '{connection_file}'];
  const folder = path.join(venvDir, 'share', 'jupyter', 'kernels', kernelName);
  return [
    [path.join(folder, 'kernel.json'), JSON.stringify({ argv, ...spec }, null, 2) + '\n'],
    [path.join(folder, 'logo-svg.svg'), source('logo.svg')],
    ...papermillContents(sitePackages()),
  ];
}

/**
 * A package as pip would have written it, without which papermill does not look for the module.
 *
 * @param {string | null} packages the folder
 * @returns {[file: string, content: string][]}
 */
function papermillContents(packages) {
  if (packages === null) return [];
  const [module, info] = ['stfpm_papermill.py', 'stfpm_papermill-1.dist-info'];
  const files = {
    [module]: source(module),
    [`${info}/METADATA`]: 'Metadata-Version: 2.1\nName: stfpm-papermill\nVersion: 1\n',
    [`${info}/INSTALLER`]: 'stfpm\n',
    [`${info}/entry_points.txt`]: `[papermill.engine]\n${kernelName} = stfpm_papermill:Engine\n`,
  };
  const record = [...Object.keys(files), `${info}/RECORD`].map((name) => `${name},,\n`).join('');
  return Object.entries({ ...files, [`${info}/RECORD`]: record }).map(([name, content]) => [
    path.join(packages, name),
    content,
  ]);
}
