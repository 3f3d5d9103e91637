// What must be on the machine before the set-up can start. Everything that is missing is told at
// once, each with the packages that bring it.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { platformOf, platformProblem, platforms } from '../../src/lib/engine/platforms.js';
import { SetupFailure } from '../setup/failure.mjs';
import { root } from '../setup/paths.mjs';
import { compareVersions } from '../setup/version.mjs';

/** TensorFlow 2.21 has wheels for these versions of Python, both included. */
export const pythonRange = { from: '3.10', to: '3.13' };
/** Gigabytes that the finished lab takes, with some room for unpacking. */
const diskNeeded = { cpu: 3.5, gpu: 11 };

/**
 * @typedef {object} Tools what was found
 * @property {string} python the interpreter that the virtual environment is made from
 * @property {string} pythonVersion
 * @property {string} compiler a C++ compiler
 */

/** @typedef {{ platform: string, arch: string }} Machine by Node's names */
/** @typedef {import('../../src/lib/engine/platforms.js').Platform['install']} Install what brings what is missing */

const { install: ofThisMachine } = platformOf() ?? platforms['linux-x64'];

/**
 * @param {{ variant: 'cpu' | 'gpu', needsDisk: boolean, env?: NodeJS.ProcessEnv, machine?: Machine }} options
 *   `needsDisk`: whether the Python packages are still to be installed; the machine is this one by default
 * @returns {Tools}
 * @throws {SetupFailure} naming everything that is missing
 */
export function findPrerequisites({ variant, needsDisk, env = process.env, machine = process }) {
  /** @type {string[]} */
  const missing = [];
  const problem = platformProblem(machine, variant);
  if (problem !== null) missing.push(problem);
  const install = platformOf(machine)?.install;
  const python = findPython(missing, env, install);
  const compiler = findCompiler(missing, env, install);
  if (needsDisk) checkDisk(missing, diskNeeded[variant], root);
  if (missing.length > 0 || python === null || compiler === null) {
    throw new SetupFailure(
      'The lab cannot be set up yet:\n' + missing.map((line) => `  - ${line}`).join('\n'),
    );
  }
  return { python: python.file, pythonVersion: python.version, compiler };
}

/**
 * @param {string[]} missing
 * @param {NodeJS.ProcessEnv} env `PYTHON` names an interpreter to use
 * @param {Install} [install]
 * @returns {{ file: string, version: string } | null}
 */
export function findPython(missing, env, install = ofThisMachine) {
  const { from, to } = pythonRange;
  const names = env.PYTHON
    ? [env.PYTHON]
    : ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];
  /** @type {string[]} */
  const unfit = [];
  let withoutVenv = '';
  for (const file of names.flatMap((name) => locate(name, env))) {
    const probe =
      'import sys; print(sys.executable); print("%d.%d.%d" % sys.version_info[:3]); import venv, ensurepip';
    // -I: the user's own packages and PYTHONPATH play no part.
    const run = spawnSync(file, ['-I', '-c', probe], { encoding: 'utf8', env });
    const [executable, version] = (run.stdout ?? '').split('\n');
    if (!executable || !version) continue;
    if (compareVersions(version, from) < 0 || compareVersions(version, `${to}.999`) > 0) {
      unfit.push(`${file} is ${version}`);
    } else if (run.status !== 0) {
      withoutVenv ||= `${file} (${version}) lacks the modules venv and ensurepip: ${install.venv}`;
    } else {
      return { file: executable, version };
    }
  }
  if (withoutVenv) missing.push(withoutVenv);
  else
    missing.push(
      `Python ${from} to ${to} is needed, ${unfit.length > 0 ? `but ${unfit.join(', ')}` : 'and none was found'}: ` +
        `${install.python}, or name one in the variable PYTHON`,
    );
  return null;
}

/**
 * @param {string[]} missing
 * @param {NodeJS.ProcessEnv} env `CXX` names a compiler to use
 * @param {Install} [install]
 * @returns {string | null}
 */
export function findCompiler(missing, env, install = ofThisMachine) {
  const names = env.CXX ? [env.CXX] : ['g++', 'clang++', 'c++'];
  const found = names.flatMap((name) => locate(name, env))[0];
  if (found !== undefined) return found;
  missing.push(`a C++ compiler is needed (${names.join(' or ')}): ${install.compiler}`);
  return null;
}

/**
 * @param {string[]} missing
 * @param {number} gigabytes
 * @param {string} folder
 */
export function checkDisk(missing, gigabytes, folder) {
  const { bavail, bsize } = fs.statfsSync(folder);
  const free = (bavail * bsize) / 1e9;
  if (free >= gigabytes) return;
  missing.push(
    `${gigabytes} GB of free disk are needed in ${folder}, ${free.toFixed(1)} GB are free`,
  );
}

/**
 * @param {string} name a command's name or path
 * @param {NodeJS.ProcessEnv} env
 * @returns {string[]} its path if it can be run, else nothing
 */
function locate(name, env) {
  const folders = name.includes(path.sep) ? [''] : (env.PATH ?? '').split(path.delimiter);
  for (const folder of folders) {
    const file = path.resolve(folder, name);
    try {
      fs.accessSync(file, fs.constants.X_OK);
      return [file];
    } catch {
      // look in the next folder
    }
  }
  return [];
}
