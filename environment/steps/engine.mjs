// tfjs-node's addon, compiled against the TensorFlow of the virtual environment. Its own install
// script would download a prebuilt addon and a TensorFlow of 2022 instead.
//
// The addon uses Node's ABI-stable interface and TensorFlow's C interface, so that one addon serves
// every version of Node, and TensorFlow's CPU and CUDA builds alike.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { platformOf } from '../../src/lib/engine/platforms.js';
import { SetupFailure } from '../setup/failure.mjs';
import { fromRoot, nodeModules, sitePackages } from '../setup/paths.mjs';
import { runLogged } from '../setup/run-logged.mjs';
import { changedSince, hashFiles, readStamp, writeStamp } from '../setup/stamp.mjs';

const addonPackage = path.join(nodeModules, '@tensorflow', 'tfjs-node-gpu');
const addon = path.join(addonPackage, 'lib', 'napi-v8', 'tfjs_binding.node');
/** Loads TensorFlow's library without the lines that it prints; see its source. */
const quietAddon = path.join(path.dirname(addon), 'quiet.node');
const quietSource = fileURLToPath(new URL('../engine/quiet.cc', import.meta.url));
/** The addon looks for TensorFlow's libraries here. */
const libraries = path.join(addonPackage, 'deps', 'lib');
/** In the package's folder, so that it goes when npm replaces the package. */
const stampFile = path.join(addonPackage, 'lib', 'stfpm-stamp.json');

/** @returns {string | null} why the step has to run */
export function engineDue() {
  if (!fs.existsSync(addon) || !fs.existsSync(quietAddon)) return 'not built yet';
  const changed = changedSince(readStamp(stampFile), engineStamp());
  if (changed.length > 0) return `other ${changed.join(', ')}`;
  return linkIsRight() ? null : 'not linked to TensorFlow';
}

/** @param {string} compiler */
export async function buildEngine(compiler) {
  const platform = platformOf();
  if (platform === null) throw new SetupFailure('the engine cannot be made on this machine');
  const tensorflow = tensorflowFolder();
  for (const name of Object.values(platform.libraries)) {
    if (!fs.existsSync(path.join(tensorflow, name))) {
      throw new SetupFailure(`${fromRoot(tensorflow)} should hold ${name}, and does not`);
    }
  }
  linkLibraries();
  const isThere = fs.existsSync(addon) && fs.existsSync(quietAddon);
  if (!isThere || changedSince(readStamp(stampFile), engineStamp()).length > 0) {
    await compile(quietAddon, (output) => quietAddonCommand(compiler, platform, output));
    await compile(addon, (output) => addonCommand(compiler, platform, tensorflow, output));
    writeStamp(stampFile, engineStamp());
  }
}

/** @returns {import('../setup/stamp.mjs').Stamp} */
export function engineStamp() {
  return { sources: sourcesHash(), tensorflow: tensorflowVersion() };
}

/**
 * A link to the wheel's whole folder, not to the libraries one by one: TensorFlow's CUDA build
 * looks for the CUDA libraries relative to the folder it is loaded from.
 */
function linkLibraries() {
  if (linkIsRight()) return;
  fs.rmSync(libraries, { recursive: true, force: true });
  fs.mkdirSync(path.dirname(libraries), { recursive: true });
  fs.symlinkSync(linkTarget(), libraries);
}

function linkIsRight() {
  try {
    return fs.readlinkSync(libraries) === linkTarget() && fs.existsSync(libraries);
  } catch {
    return false;
  }
}

/** Relative, so that it stays right when the checkout is moved. */
function linkTarget() {
  return path.relative(path.dirname(libraries), tensorflowFolder());
}

/** @typedef {import('../../src/lib/engine/platforms.js').Platform} Platform */

/** @typedef {{ file: string, args: string[] }} CompilerCommand */

/**
 * The addon whole or not at all.
 *
 * @param {string} file
 * @param {(output: string) => CompilerCommand} commandOf
 */
async function compile(file, commandOf) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const partial = `${file}.partial`;
  const command = commandOf(partial);
  await runLogged(command.file, command.args, { what: `compiling ${path.basename(file)}` });
  fs.renameSync(partial, file);
}

const commonFlags = ['-std=c++17', '-O2', '-fPIC', '-DNAPI_VERSION=8'];
const nodeHeaders = `-I${path.join(nodeModules, 'node-api-headers', 'include')}`;

/**
 * What makes TensorFlow's addon.
 *
 * @param {string} compiler
 * @param {Platform} platform
 * @param {string} tensorflow the folder with its headers and libraries
 * @param {string} output
 * @returns {CompilerCommand}
 */
export function addonCommand(compiler, { libraries: names, addon: flags }, tensorflow, output) {
  return {
    file: compiler,
    args: [
      ...commonFlags,
      ...flags.link,
      nodeHeaders,
      `-I${path.join(tensorflow, 'include')}`,
      `-I${path.dirname(addonPackage)}`,
      ...sources(),
      ...['-o', output, `-Wl,-rpath,${flags.beside}/../../deps/lib`],
      ...Object.values(names).map((name) => path.join(tensorflow, name)),
    ],
  };
}

/**
 * What makes the addon that loads TensorFlow without a word of it.
 *
 * @param {string} compiler
 * @param {Platform} platform
 * @param {string} output
 * @returns {CompilerCommand}
 */
export function quietAddonCommand(compiler, { addon: flags }, output) {
  return {
    file: compiler,
    args: [...commonFlags, ...flags.link, nodeHeaders, quietSource, '-o', output, ...flags.quiet],
  };
}

function sources() {
  const folder = path.join(addonPackage, 'binding');
  return ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => path.join(folder, name));
}

function sourcesHash() {
  const folder = path.join(addonPackage, 'binding');
  const names = fs.readdirSync(folder).sort();
  return hashFiles(
    ...names.map((name) => path.join(folder, name)),
    quietSource,
    path.join(nodeModules, 'node-api-headers', 'package.json'),
  );
}

function tensorflowFolder() {
  const folder = sitePackages();
  if (folder === null) throw new SetupFailure('the Python packages are not installed');
  return path.join(folder, 'tensorflow');
}

/** @returns {string} such as `2.21.0` for either build; empty where none is installed */
function tensorflowVersion() {
  const folder = sitePackages();
  if (folder === null || !fs.existsSync(folder)) return '';
  const pattern = /^tensorflow(?:_cpu)?-(.+)\.dist-info$/;
  const matches = fs.readdirSync(folder).map((name) => pattern.exec(name));
  return matches.find((match) => match !== null)?.[1] ?? '';
}
