import * as fs from 'fs';
import * as path from 'path';
import { PROJECT_ROOT, projectVersion } from '../project';
import { isPackaged } from '../../lib/files/optional-package';
import { reasonOf } from './finding';
import type { Finding } from './finding';
import { readJsonFile, readTextFile } from '../../lib/files/read-file';

const SET_UP = isPackaged()
  ? 'run `npx --no -- stfpm setup`'
  : "run `npm run setup` in the lab's folder";

/** Packages whose versions matter for numbers and pictures. */
const PACKAGES = ['@tensorflow/tfjs-node-gpu', 'sharp', 'vega', 'vega-lite', 'tslab'];

/** The lab itself, and what runs it. */
export function inspectPrograms(): Finding[] {
  const node = process.versions.node;
  const project = projectVersion();
  return [
    { what: 'stfpm-lab', state: 'ok', found: project, details: { version: project } },
    { what: 'Node.js', state: 'ok', found: node, details: { version: node } },
    isPackaged() ? inspectPeers() : inspectPackages(),
  ];
}

function inspectPackages(): Finding {
  const wanted = readVersions();
  const versions = Object.fromEntries(PACKAGES.map((name) => [name, installedVersion(name)]));
  const wrong = PACKAGES.filter((name) => versions[name] !== wanted[name]);
  return {
    what: 'npm packages',
    state: wrong.length > 0 ? 'missing' : 'ok',
    found: PACKAGES.map((name) => `${path.basename(name)} ${versions[name] ?? 'missing'}`).join(
      ', ',
    ),
    ...(wrong.length > 0
      ? {
          advice: `expected ${wrong.map((name) => `${name} ${wanted[name]}`).join(', ')}: ${SET_UP}`,
        }
      : {}),
    details: versions,
  };
}

/** What the npm package does without until it is used. */
function inspectPeers(): Finding {
  const { peerDependencies } = readManifest();
  const names = Object.keys(peerDependencies ?? {}).filter(
    (name) => !name.startsWith('@tensorflow'),
  );
  const versions = Object.fromEntries(names.map((name) => [name, installedVersion(name)]));
  const has = names.filter((name) => versions[name] !== null);
  const lacks = names.filter((name) => versions[name] === null);
  return {
    what: 'npm packages',
    state: 'ok',
    found: has.map((name) => `${name} ${versions[name]}`).join(', ') || 'none besides',
    ...(lacks.length > 0 && {
      advice: `not installed: ${lacks.join(', ')}; each is asked for by what needs it`,
    }),
    details: versions,
  };
}

function readVersions(): Record<string, string> {
  return readManifest().dependencies ?? {};
}

interface Manifest {
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

function readManifest(): Manifest {
  return readJsonFile(path.join(PROJECT_ROOT, 'package.json'), 'that of the lab') as Manifest;
}

function installedVersion(name: string): string | null {
  // Not by `require`: packages may hide their package.json.
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      const manifest = readJsonFile(path.join(folder, name, 'package.json'), 'that of a package');
      return (manifest as { version: string }).version;
    } catch {
      // look in the next folder
    }
  }
  return null;
}

/** TensorFlow, and what it computes on. */
export function inspectEngine(): Finding[] {
  try {
    const { describeDevice, engineVersions } =
      require('../../lib/engine/index') as typeof import('../../lib/engine/index');
    const { tensorflow, tfjs } = engineVersions();
    const device = describeDevice();
    const { kind, intraOpThreads, oneDnn } = device;
    return [
      {
        what: 'TensorFlow',
        state: 'ok',
        found: `${tensorflow} (through tfjs ${tfjs})`,
        details: { tensorflow, tfjs },
      },
      {
        what: 'computes on',
        state: 'ok',
        found:
          `${kind === 'gpu' ? 'the GPU' : 'the CPU'}, ${intraOpThreads} threads, ` +
          `oneDNN ${oneDnn ? 'on' : 'off'}`,
        details: { ...device },
      },
    ];
  } catch (error) {
    const reason = reasonOf(error);
    return [
      {
        what: 'TensorFlow',
        state: 'missing',
        found: reason,
        advice: SET_UP,
        details: { error: reason },
      },
    ];
  }
}

/** What reads and draws pictures. */
export async function inspectPictures(): Promise<Finding[]> {
  const findings: Finding[] = [];
  try {
    const { versions } = require('sharp') as typeof import('sharp');
    const { sharp: version, vips } = versions;
    findings.push({
      what: 'images',
      state: 'ok',
      found: `sharp ${version}, libvips ${vips}`,
      details: { sharp: version, libvips: vips },
    });
  } catch (error) {
    const reason = reasonOf(error);
    findings.push({
      what: 'images',
      state: 'missing',
      found: reason,
      advice: isPackaged() ? 'run `npm install --ignore-scripts sharp@0.35`' : SET_UP,
      details: { error: reason },
    });
    return findings;
  }
  const { prepareFont } = require('../../viz/text/font') as typeof import('../../viz/text/font');
  const drawn = await prepareFont();
  findings.push({
    what: 'font',
    state: drawn ? 'ok' : 'absent',
    found: drawn ? 'text in figures can be drawn' : 'none: text in figures will be unreadable',
    ...(drawn ? {} : { advice: 'install a font (Debian: apt-get install fonts-dejavu-core)' }),
    details: { drawn },
  });
  return findings;
}

/** What notebooks need besides. */
export function inspectNotebooks(): Finding[] {
  const venv = path.join(PROJECT_ROOT, '.venv');
  const version = pythonVersion(venv);
  const kernels = kernelsOf(venv);
  const advice = `notebooks need it: ${SET_UP}`;
  return [
    {
      what: 'Python',
      state: version ? 'ok' : 'absent',
      found: version ? `${version} in .venv` : 'no virtual environment',
      ...(version ? {} : { advice }),
      details: { version },
    },
    {
      what: 'notebook kernel',
      state: kernels.length > 0 ? 'ok' : 'absent',
      found: kernels.length > 0 ? kernels.join(', ') : 'not registered',
      ...(kernels.length > 0 ? {} : { advice }),
      details: { kernels },
    },
  ];
}

function pythonVersion(venv: string): string | null {
  try {
    const text = readTextFile(path.join(venv, 'pyvenv.cfg'), 'that of an environment');
    return /^version(?:_info)?\s*=\s*(\d+(?:\.\d+)*)/m.exec(text)?.[1] ?? null;
  } catch {
    return null;
  }
}

/** Kernels of the lab: those that run its own files. */
function kernelsOf(venv: string): string[] {
  const folder = path.join(venv, 'share', 'jupyter', 'kernels');
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder).filter((name) => {
    try {
      const spec = readJsonFile(path.join(folder, name, 'kernel.json'), 'that of a kernel');
      const { argv } = spec as { argv: string[] };
      return argv.some((part) => part.startsWith(PROJECT_ROOT) && fs.existsSync(part));
    } catch {
      return false;
    }
  });
}
