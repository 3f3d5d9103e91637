// The kernelspec tells Jupyter how to start the lab's kernel. It is registered in the virtual
// environment alone, where only the lab's own Jupyter finds it.
import fs from 'node:fs';
import path from 'node:path';
import { writeFileAtomic } from '../../src/lib/files/atomic-write.js';
import { root, venvDir } from '../setup/paths.mjs';

export const kernelName = 'stfpm-ts';
const folder = path.join(venvDir, 'share', 'jupyter', 'kernels', kernelName);
const sourceFolder = path.join(root, 'environment', 'kernel');

/** @returns {string | null} why the step has to run */
export function kernelspecDue() {
  const current = [...contents()].every(([name, content]) => {
    try {
      return fs.readFileSync(path.join(folder, name), 'utf8') === content;
    } catch {
      return false;
    }
  });
  return current ? null : 'not registered as it is now';
}

export async function registerKernel() {
  for (const [name, content] of contents()) writeFileAtomic(path.join(folder, name), content);
}

function contents() {
  // What the command `stfpm kernel install` registers, too: messages interrupt, on the control channel (a signal that
  // comes as a cell begins may be lost, or end the process), and there is a debugger.
  const spec = JSON.parse(fs.readFileSync(path.join(sourceFolder, 'kernel.json'), 'utf8'));
  const argv = [process.execPath, path.join(sourceFolder, 'main.mjs'), '{connection_file}'];
  return new Map([
    ['kernel.json', JSON.stringify({ argv, ...spec }, null, 2) + '\n'],
    ['logo-svg.svg', fs.readFileSync(path.join(sourceFolder, 'logo.svg'), 'utf8')],
  ]);
}
