import fs from 'node:fs';
import path from 'node:path';
import { writeFileAtomic } from '../../src/lib/files/atomic-write.js';
import { root, venvDir, venvPython } from '../setup/paths.mjs';
import { runLogged } from '../setup/run-logged.mjs';
import { changedSince, hashFiles, readStamp, writeStamp } from '../setup/stamp.mjs';

/** @typedef {'cpu' | 'gpu'} Variant which build of TensorFlow the environment holds */

const stampFile = path.join(venvDir, 'stfpm-stamp.json');

/**
 * The user's own Python settings play no part in the environment; pip's settings do, other than
 * one that would install outside of it.
 */
const cleanPython = { PYTHONNOUSERSITE: '1', PYTHONPATH: '', PIP_USER: '0', PIP_NO_INPUT: '1' };

/** @returns {Variant | null} the variant of the finished environment, null where there is none */
export function installedVariant() {
  const variant = readStamp(stampFile)?.variant;
  return variant === 'cpu' || variant === 'gpu' ? variant : null;
}

/**
 * @param {Variant} variant
 * @returns {string | null} why the step has to run
 */
export function pythonPackagesDue(variant) {
  if (!fs.existsSync(venvPython)) return fs.existsSync(venvDir) ? 'Python is gone' : 'none yet';
  const stamp = readStamp(stampFile);
  if (stamp === null) return 'unfinished';
  const changed = changedSince(stamp, wantedStamp(variant));
  return changed.length > 0 ? `other ${changed.join(', ')}` : null;
}

/**
 * Makes the virtual environment, or completes, updates or repairs the one that is there.
 *
 * @param {Variant} variant
 * @param {string} python the interpreter to make it from
 */
export async function installPythonPackages(variant, python) {
  const stamp = readStamp(stampFile);
  const usable = fs.existsSync(venvPython);
  const changed = usable && stamp !== null ? changedSince(stamp, wantedStamp(variant)) : [];
  fs.rmSync(stampFile, { force: true });

  // Packages of another Python, or of the other TensorFlow (whose files have the same names), are
  // cleared away rather than installed over.
  const startAfresh = !usable || changed.includes('python') || changed.includes('variant');
  await runLogged(python, ['-I', '-m', 'venv', ...(startAfresh ? ['--clear'] : []), venvDir], {
    what: 'python -m venv',
  });
  if (changed.includes('checkout') && stamp?.checkout) repointScripts(stamp.checkout);
  if (!startAfresh && stamp === null) await forgetHalfInstalled();
  await runLogged(
    venvPython,
    // Modules are compiled when first used: most of TensorFlow's never are.
    ['-m', 'pip', 'install', '--require-hashes', '--only-binary=:all:', '--no-compile'].concat([
      '--progress-bar=off',
      '-r',
      requirementsFile(variant),
    ]),
    { what: 'pip install', env: cleanPython },
  );
  writeStamp(stampFile, wantedStamp(variant));
}

/**
 * @param {Variant} variant
 * @returns {import('../setup/stamp.mjs').Stamp}
 */
function wantedStamp(variant) {
  return {
    variant,
    requirements: hashFiles(requirementsFile(variant)),
    python: fs.existsSync(venvPython) ? fs.realpathSync(venvPython) : '',
    checkout: root,
  };
}

/** @param {Variant} variant */
function requirementsFile(variant) {
  const name = variant === 'gpu' ? 'requirements-gpu.txt' : 'requirements.txt';
  return path.join(root, 'environment', name);
}

/**
 * The commands of a virtual environment name its interpreter by an absolute path, which is wrong
 * once the checkout has been moved.
 *
 * @param {string} oldRoot where the checkout was
 */
function repointScripts(oldRoot) {
  const folder = path.join(venvDir, 'bin');
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name);
    if (fs.lstatSync(file).isSymbolicLink()) continue;
    const content = fs.readFileSync(file, 'latin1');
    const oldFolder = path.join(oldRoot, path.relative(root, folder));
    if (!content.startsWith(`#!${oldFolder}/`)) continue;
    writeFileAtomic(file, Buffer.from(content.replace(oldFolder, folder), 'latin1'));
  }
}

/**
 * After an interrupted installation a package may be there in part. pip would take it for
 * installed, so its record is removed and pip installs it again.
 */
async function forgetHalfInstalled() {
  const script = path.join(root, 'environment', 'steps', 'forget-half-installed.py');
  await runLogged(venvPython, ['-I', script], { what: 'the check of the Python packages' });
}
