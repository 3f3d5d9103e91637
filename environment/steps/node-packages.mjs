import fs from 'node:fs';
import path from 'node:path';
import { nodeModules, root } from '../setup/paths.mjs';
import { runLogged } from '../setup/run-logged.mjs';

/**
 * @typedef {{ version?: string, optional?: boolean, link?: boolean }} LockedPackage
 * @typedef {{ packages: Record<string, LockedPackage> }} Lockfile
 */

/** @returns {string | null} why the step has to run, null where node_modules is as locked */
export function nodePackagesDue() {
  const locked = readLockfile(path.join(root, 'package-lock.json'));
  if (locked === null) throw new Error('package-lock.json is missing or not readable');
  // npm writes this list of what it installed as its last act.
  const installed = readLockfile(path.join(nodeModules, '.package-lock.json'));
  if (installed === null) return 'not installed';
  const differing = differingPackages(locked, installed);
  if (differing.length > 0) return `${differing.length} differ from package-lock.json`;
  return ownCommandIsLinked() ? null : 'command not linked';
}

/**
 * @param {Lockfile} locked
 * @param {Lockfile} installed
 * @returns {string[]} the folders of the packages that the lock has and node_modules lacks or has
 *   in another version; those that are optional may be absent, on machines of another kind
 */
export function differingPackages(locked, installed) {
  return Object.entries(locked.packages)
    .filter(([folder, wanted]) => {
      if (folder === '' || wanted.link) return false;
      const found = installed.packages[folder];
      return found === undefined ? !wanted.optional : found.version !== wanted.version;
    })
    .map(([folder]) => folder);
}

/** @param {string} reason */
export async function installNodePackages(reason) {
  if (reason !== 'command not linked') {
    const npm = npmCommand();
    // Scripts stay off: one of them would download a prebuilt TensorFlow. Tests need the
    // development packages whatever NODE_ENV says.
    const args = ['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit'];
    await runLogged(npm.command, [...npm.args, ...args, '--no-fund'], { what: 'npm ci' });
  }
  linkOwnCommand();
}

/** With this link `npx stfpm` runs the checkout's command without installing anything. */
const ownCommand = path.join(nodeModules, '.bin', 'stfpm');

const launcher = path.relative(path.dirname(ownCommand), path.join(root, 'src/cli/stfpm.js'));

function ownCommandIsLinked() {
  try {
    return fs.readlinkSync(ownCommand) === launcher;
  } catch {
    return false;
  }
}

function linkOwnCommand() {
  fs.mkdirSync(path.dirname(ownCommand), { recursive: true });
  fs.rmSync(ownCommand, { force: true });
  fs.symlinkSync(launcher, ownCommand);
}

/** The npm that runs this set-up, if one does: the one on the PATH may belong to another Node. */
function npmCommand() {
  const running = process.env.npm_execpath;
  if (running !== undefined && /npm-cli\.c?js$/.test(running)) {
    return { command: process.execPath, args: [running] };
  }
  return { command: 'npm', args: [] };
}

/**
 * @param {string} file
 * @returns {Lockfile | null}
 */
function readLockfile(file) {
  try {
    const lockfile = JSON.parse(fs.readFileSync(file, 'utf8'));
    return lockfile.packages ? lockfile : null;
  } catch {
    return null;
  }
}
