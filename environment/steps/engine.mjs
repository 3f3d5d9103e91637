// tfjs-node's addon, compiled against the TensorFlow of the virtual environment. Its own install
// script would download a prebuilt addon and a TensorFlow of 2022 instead.
//
// The addon uses Node's ABI-stable interface and TensorFlow's C interface, so that one addon serves
// every version of Node, and TensorFlow's CPU and CUDA builds alike.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
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

const libraryNames = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];

/** @returns {string | null} why the step has to run */
export function engineDue() {
  if (!fs.existsSync(addon) || !fs.existsSync(quietAddon)) return 'not built yet';
  const changed = changedSince(readStamp(stampFile), engineStamp());
  if (changed.length > 0) return `other ${changed.join(', ')}`;
  return linkIsRight() ? null : 'not linked to TensorFlow';
}

/** @param {string} compiler */
export async function buildEngine(compiler) {
  const tensorflow = tensorflowFolder();
  for (const name of libraryNames) {
    if (!fs.existsSync(path.join(tensorflow, name))) {
      throw new SetupFailure(`${fromRoot(tensorflow)} should hold ${name}, and does not`);
    }
  }
  linkLibraries();
  const isThere = fs.existsSync(addon) && fs.existsSync(quietAddon);
  if (!isThere || changedSince(readStamp(stampFile), engineStamp()).length > 0) {
    await compileQuietAddon(compiler);
    await compileAddon(compiler, tensorflow);
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

/**
 * @param {string} compiler
 * @param {string} tensorflow
 */
async function compileAddon(compiler, tensorflow) {
  fs.mkdirSync(path.dirname(addon), { recursive: true });
  const partial = `${addon}.partial`;
  await runLogged(
    compiler,
    [
      ...['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8'],
      `-I${path.join(nodeModules, 'node-api-headers', 'include')}`,
      `-I${path.join(tensorflow, 'include')}`,
      `-I${path.dirname(addonPackage)}`,
      ...sources(),
      ...['-o', partial, `-L${libraries}`, '-Wl,-rpath,$ORIGIN/../../deps/lib'],
      ...libraryNames.map((name) => `-l:${name}`),
    ],
    { what: "compiling TensorFlow's addon" },
  );
  fs.renameSync(partial, addon);
}

/** @param {string} compiler */
async function compileQuietAddon(compiler) {
  fs.mkdirSync(path.dirname(quietAddon), { recursive: true });
  const partial = `${quietAddon}.partial`;
  await runLogged(
    compiler,
    [
      ...['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8'],
      `-I${path.join(nodeModules, 'node-api-headers', 'include')}`,
      ...[quietSource, '-o', partial, '-ldl'],
    ],
    { what: 'compiling the addon that loads TensorFlow quietly' },
  );
  fs.renameSync(partial, quietAddon);
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
