// What the lab is made of besides its own code: `npm run licences` prints the packages by licence,
// `npm run sbom` writes a software bill of materials (CycloneDX), of npm's and of Python's packages.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, venvPython } from './setup/paths.mjs';

/**
 * @typedef {object} Component an entry of a CycloneDX bill of materials
 * @property {string} name
 * @property {string} version
 * @property {string} purl
 * @property {{ license?: { id?: string, name?: string }, expression?: string }[]} [licenses]
 */

/** @typedef {{ name: string, version: string, licence: string }} PythonPackage */

const UNKNOWN = 'not stated';

/** Prints, as JSON, name, version and licence of each package that is installed. */
const LIST_PYTHON_PACKAGES = `
import importlib.metadata, json
def licence(meta):
    stated = meta.get('License-Expression') or meta.get('License') or ''
    kinds = [c.split(' :: ')[-1] for c in meta.get_all('Classifier') or [] if c.startswith('License ::')]
    # Some packages have the whole text there.
    return stated if 0 < len(stated) < 60 and stated != 'UNKNOWN' else ' AND '.join(kinds)
print(json.dumps([{'name': d.metadata['Name'], 'version': d.version, 'licence': licence(d.metadata)}
                  for d in importlib.metadata.distributions()]))
`;

/** The several ways in which packages name the same licence, as SPDX names it; which BSD licence it is, "BSD" leaves open. */
const SPDX = new Map([
  ['MIT License', 'MIT'],
  ['MIT license', 'MIT'],
  ['3-Clause BSD License', 'BSD-3-Clause'],
  ['BSD 3-Clause', 'BSD-3-Clause'],
  ['BSD License', 'BSD'],
  ['Apache Software License', 'Apache-2.0'],
  ['Apache License, Version 2.0', 'Apache-2.0'],
  ['Apache License 2.0', 'Apache-2.0'],
  ['Apache 2.0', 'Apache-2.0'],
  ['ISC License (ISCL)', 'ISC'],
  ['ISC license', 'ISC'],
  ['Mozilla Public License 2.0 (MPL 2.0)', 'MPL-2.0'],
  ['Python Software Foundation License', 'PSF-2.0'],
  ['PSFL', 'PSF-2.0'],
]);

/**
 * The SHA-256 sums with which pip lets a package in, by its name in lower case.
 *
 * @param {string} requirements the text of a requirements file with hashes
 * @returns {Map<string, string[]>}
 */
export function pinnedHashes(requirements) {
  /** @type {Map<string, string[]>} */
  const hashes = new Map();
  let name = '';
  for (const line of requirements.split('\n')) {
    const pinned = /^([\w.-]+)(?:\[[^\]]*\])?==/.exec(line);
    if (pinned) name = normalName(pinned[1]);
    const hash = /--hash=sha256:([0-9a-f]{64})/.exec(line);
    if (hash) hashes.set(name, [...(hashes.get(name) ?? []), hash[1]]);
  }
  return hashes;
}

/** @param {string} name of a Python package, as PEP 503 has it: the case and the kind of its dashes do not matter */
function normalName(name) {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/**
 * A Python package as CycloneDX has it.
 *
 * @param {PythonPackage} found
 * @param {ReadonlyMap<string, readonly string[]>} hashes as `pinnedHashes` gives them
 * @returns {Component & Record<string, unknown>}
 */
export function pythonComponent({ name, version, licence }, hashes) {
  const purl = `pkg:pypi/${normalName(name)}@${version}`;
  const pinned = hashes.get(normalName(name)) ?? [];
  return {
    'bom-ref': purl,
    type: 'library',
    name,
    version,
    purl,
    ...(licence && { licenses: [{ license: { name: SPDX.get(licence) ?? licence } }] }),
    // One for each platform's file, so they are no hashes of the component.
    properties: pinned.map((value) => ({ name: 'pip:sha256', value })),
  };
}

/**
 * @param {Component} component
 * @returns {string} the licence's name
 */
export function licenceOf({ licenses = [] }) {
  const names = licenses.map(
    ({ license, expression }) => expression ?? license?.id ?? license?.name,
  );
  return names.filter(Boolean).join(' AND ') || UNKNOWN;
}

/** @returns {{ components: Component[] } & Record<string, unknown>} npm's own bill of materials, as the lockfile has it */
function npmBill() {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];
  return JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 }));
}

/** @returns {Component[]} */
function pythonComponents() {
  const listed = execFileSync(venvPython, ['-I', '-c', LIST_PYTHON_PACKAGES], { encoding: 'utf8' });
  /** @type {PythonPackage[]} */
  const packages = JSON.parse(listed);
  const file = path.join(root, 'environment', 'requirements.txt');
  const hashes = pinnedHashes(fs.readFileSync(file, 'utf8'));
  return packages
    .filter(({ name }) => name !== 'stfpm-papermill') // the lab's own, see steps/kernelspec.mjs
    .sort((a, b) => (normalName(a.name) < normalName(b.name) ? -1 : 1))
    .map((found) => pythonComponent(found, hashes));
}

/** @returns {ReturnType<typeof npmBill>} of npm's packages for all platforms, and of Python's for this one */
export function billOfMaterials() {
  const bill = npmBill();
  bill.components.push(...pythonComponents());
  return bill;
}

/** @param {readonly string[]} args `licences`, or `sbom` and the file to write */
function main([what, file = 'sbom.cdx.json']) {
  const bill = billOfMaterials();
  if (what === 'sbom') {
    fs.writeFileSync(file, `${JSON.stringify(bill, null, 2)}\n`);
    console.log(`${file}: ${bill.components.length} components (CycloneDX)`);
    return;
  }
  /** @type {Map<string, string[]>} */
  const byLicence = new Map();
  for (const component of bill.components) {
    const licence = licenceOf(component);
    const names = byLicence.get(licence) ?? [];
    byLicence.set(licence, [...names, `${component.name} ${component.version}`]);
  }
  for (const [licence, names] of [...byLicence].sort((a, b) => b[1].length - a[1].length)) {
    console.log(`${licence} (${names.length})\n  ${names.join(', ')}`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) main(process.argv.slice(2));
