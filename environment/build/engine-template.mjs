// What the npm package's `stfpm setup` makes the training engine from: the lab's set-up, with the parts of its lock and
// of its list of Python packages that belong to TensorFlow. The command copies it to the folder where the engine is to
// be, and runs it there.
import fs from 'node:fs';
import path from 'node:path';
import { platforms } from '../../src/lib/engine/platforms.js';
import { root } from '../setup/paths.mjs';

const files = [
  'environment/engine/quiet.cc',
  'environment/setup/engine-alone.mjs',
  'environment/setup/failure.mjs',
  'environment/setup/paths.mjs',
  'environment/setup/progress.mjs',
  'environment/setup/run-logged.mjs',
  'environment/setup/stamp.mjs',
  'environment/setup/version.mjs',
  'environment/steps/engine.mjs',
  'environment/steps/forget-half-installed.py',
  'environment/steps/node-packages.mjs',
  'environment/steps/prerequisites.mjs',
  'environment/steps/proof-operation.cjs',
  'environment/steps/proof.mjs',
  'environment/steps/python-packages.mjs',
  'src/lib/engine/platforms.js',
  'src/lib/files/atomic-write.js',
  'src/lib/files/process-identity.js',
  'src/lib/files/process-lock.js',
  'src/lib/text/duration.js',
];

/** The addon's package, and Node's headers to compile it against. */
const packages = ['@tensorflow/tfjs-node-gpu', 'node-api-headers'];

/** @returns {Map<string, string>} content by the file's path */
export function engineTemplate() {
  const template = new Map(files.map((name) => [name, read(name)]));
  const lock = JSON.parse(read('package-lock.json'));
  const manifest = {
    name: 'stfpm-lab-engine',
    version: lock.version,
    private: true,
    dependencies: Object.fromEntries(
      packages.map((name) => [name, lock.packages[`node_modules/${name}`].version]),
    ),
  };
  template.set('package.json', JSON.stringify(manifest, null, 2) + '\n');
  const { name, version, dependencies } = manifest;
  const locked = { '': { name, version, dependencies }, ...neededOf(lock.packages, packages) };
  const pruned = {
    name,
    version,
    lockfileVersion: lock.lockfileVersion,
    requires: true,
    packages: locked,
  };
  template.set('package-lock.json', JSON.stringify(pruned) + '\n');
  for (const [file, variant] of /** @type {const} */ ([
    ['environment/requirements.txt', 'cpu'],
    ['environment/requirements-gpu.txt', 'gpu'],
  ])) {
    const wheels = Object.values(platforms).flatMap(({ wheels }) => wheels[variant] ?? []);
    template.set(file, requirementsOf(read(file), wheels));
  }
  return template;
}

/**
 * @typedef {{ dependencies?: Record<string, string>, optionalDependencies?: Record<string, string>,
 *   dev?: boolean }} Locked
 */

/**
 * The packages that these need, as Node finds them.
 *
 * @param {Record<string, Locked>} all by folder
 * @param {readonly string[]} names
 * @returns {Record<string, Locked>}
 */
export function neededOf(all, names) {
  /** @type {Set<string>} */
  const found = new Set();
  const find = (/** @type {string} */ name, /** @type {string} */ from) => {
    const folders = from.split(/\/?(?=node_modules\/)/);
    for (let depth = folders.length; depth >= 0; depth--) {
      const place = [...folders.slice(0, depth), `node_modules/${name}`].filter(Boolean).join('/');
      if (all[place] !== undefined) return place;
    }
    return null;
  };
  const visit = (/** @type {string} */ name, /** @type {string} */ from) => {
    const place = find(name, from);
    // An optional one of another platform may be in no lock.
    if (place === null || found.has(place)) return;
    found.add(place);
    const { dependencies, optionalDependencies } = all[place];
    for (const each of Object.keys({ ...dependencies, ...optionalDependencies }))
      visit(each, place);
  };
  for (const name of names) visit(name, '');
  return Object.fromEntries([...found].sort().map((place) => [place, all[place]]));
}

/**
 * The part of a list with hashes that some packages need, by its "via" comments.
 *
 * @param {string} text
 * @param {readonly string[]} wanted
 */
export function requirementsOf(text, wanted) {
  const blocks = text.split(/\n(?=[a-z0-9])/i).filter((block) => /^[a-z0-9]/i.test(block));
  const entries = blocks.map((block) => {
    const comments = [...block.matchAll(/^ +# +(?:via)? *(\S*)$/gm)].map(([, name]) => name);
    return {
      name: /^[\w.-]+/.exec(block)?.[0] ?? '',
      via: new Set(comments.filter((name) => name !== '')),
      lines: block.split('\n').filter((line) => !/^ *#/.test(line)),
    };
  });
  const kept = new Set(wanted);
  for (let before = 0; before !== kept.size;) {
    before = kept.size;
    for (const { name, via } of entries)
      if ([...via].some((each) => kept.has(each))) kept.add(name);
  }
  const parts = entries.filter(({ name }) => kept.has(name));
  const absent = wanted.filter((one) => !parts.some(({ name }) => name === one));
  if (absent.length > 0) throw new Error(`${absent.join(', ')} is in no requirements`);
  return parts.map(({ lines }) => lines.join('\n').trim() + '\n').join('');
}

/** @param {string} name */
function read(name) {
  return fs.readFileSync(path.join(root, name), 'utf8');
}
