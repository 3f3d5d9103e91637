// Where the lab keeps what it makes. Everything lies inside the checkout, in ignored folders.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
export const cacheDir = path.join(root, '.cache', 'setup');
export const logFile = path.join(cacheDir, 'setup.log');
/** Held by whoever sets up or builds. */
export const lockFile = path.join(cacheDir, 'lock');
export const nodeModules = path.join(root, 'node_modules');
/** TensorFlow's addon is installed below it. */
export const engineFolder = root;
export const venvDir = path.join(root, '.venv');
export const venvPython = path.join(venvDir, 'bin', 'python');

/**
 * The folder of the virtual environment's Python packages, or null while there is none.
 * @returns {string | null}
 */
export function sitePackages() {
  let config;
  try {
    config = fs.readFileSync(path.join(venvDir, 'pyvenv.cfg'), 'utf8');
  } catch {
    return null;
  }
  // An environment upgraded in place may hold the folders of two Python versions: take the current.
  const version = /^version(?:_info)?\s*=\s*(\d+\.\d+)/m.exec(config);
  return version ? path.join(venvDir, 'lib', `python${version[1]}`, 'site-packages') : null;
}

/**
 * @param {string} file an absolute path
 * @returns {string} the path as a person at the root of the checkout would type it
 */
export function fromRoot(file) {
  const relative = path.relative(root, file);
  return relative.startsWith('..') ? file : relative;
}
