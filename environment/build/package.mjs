// npm run pack [-- FOLDER]: the npm package of this checkout, as FOLDER/stfpm-lab-VERSION.tgz (default: here).
//
// The package has a package.json of its own, written here from the checkout's: the lab pins every package that it uses
// and installs them all, TensorFlow's addon among them; who imports a metric should get none of that. So what the
// library needs in any case is compiled into it (small packages, with their licences), and the rest are optional peers,
// which it asks for by name when they are missing. The checkout's own way of installing stays as it is.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { decode, encode } from '@jridgewell/sourcemap-codec';
import * as esbuild from 'esbuild';
import ts from 'typescript';
import { withLock } from '../../src/lib/files/process-lock.js';
import { cacheDir, lockFile, nodeModules, root } from '../setup/paths.mjs';
import { build, describeErrors } from './build.mjs';
import { engineTemplate } from './engine-template.mjs';
import { kernelTemplate } from './kernel-template.mjs';
import { notebooksEntry, packagedNotebooks } from './notebooks-template.mjs';
import { entries } from './package-entries.mjs';
import { distOf } from './state.mjs';

/** The command, and what the notebook kernel asks how values are shown: nobody imports them by name. */
const program = {
  cli: { source: 'src/cli/main.ts' },
  displayers: { source: 'src/viz/notebook/displayers/index.ts' },
};
/**
 * What notebooks import beyond the public entries; not part of the interface.
 * @type {typeof entries}
 */
const withNotebooks = { ...entries, notebooks: { source: 'src/notebooks.ts' } };

/** Packages that stay outside: large, with native parts, or needed by one part alone. */
export const optionalPeers = [
  'onnxruntime-node',
  'onnxruntime-web',
  'sharp',
  'vega',
  'vega-lite',
  'plotly.js-dist',
  'esbuild',
  '@tensorflow/tfjs-node-gpu',
  'tslab',
];

/** Read from files at run time, by folder below src: they keep their place below `assets`. */
const assets = [
  'lib/weights/embedded',
  'viz/report/page.eta',
  'viz/report/page.css',
  'viz/report/page.js',
  'viz/widgets/threshold-slider.page.mts',
  'viz/widgets/training-panel.page.mts',
  'viz/widgets/map-inspector.page.mts',
  'viz/widgets/page-elements.mts',
  'viz/widgets/threshold.ts',
  'viz/widgets/widgets.css',
];
const fonts = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'];

/** Node 20.9. */
const target = 'node20.9';

/**
 * Makes the package's folder.
 *
 * @param {string} folder is replaced
 */
export async function makePackage(folder) {
  const errors = await withLock(
    lockFile,
    () => build(root),
    (owner) => console.error(`Waiting for the set-up or build of process ${owner}.`),
  );
  if (errors.length > 0) throw new Error(describeErrors(errors));
  fs.rmSync(folder, { recursive: true, force: true });
  const write = (/** @type {string} */ name, /** @type {string | Uint8Array} */ content) => {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
  };
  const node = await bundle({ ...withNotebooks, ...program }, 'node');
  for (const { name, code, map } of node.files) {
    // These run as CommonJS.
    if (!(name in program)) writeModule(write, `dist/esm/${name}.mjs`, code, map, esmPreamble);
    const asCommonJs = await esbuild.transform(withInlineMap(code, map), {
      format: 'cjs',
      minifyWhitespace: true,
      minifySyntax: true,
      platform: 'node',
      target,
      sourcemap: 'external',
      sourcefile: `${name}.mjs`,
      sourcesContent: false,
      // import() would load the ESM build.
      supported: { 'dynamic-import': false },
    });
    const renamed = asCommonJs.code.replace(/(["'])(\.\/[\w.-]+)\.mjs\1/g, '$1$2.cjs$1');
    writeModule(write, `dist/cjs/${name}.cjs`, renamed, asCommonJs.map, cjsPreamble);
  }
  const inBrowser = Object.entries(entries).flatMap(([name, { browser }]) =>
    browser === undefined ? [] : [[name, { source: browser }]],
  );
  const browser = await bundle(Object.fromEntries(inBrowser), 'browser');
  for (const { name, code, map } of browser.files) {
    writeModule(write, `dist/browser/${name}.mjs`, code, map, '');
  }
  write('dist/cjs/stfpm.cjs', commandFile());
  for (const [name, text] of engineTemplate()) write(`engine/${name}`, text);
  for (const [name, text] of kernelTemplate()) write(`kernel/${name}`, text);
  // Where the kernel looks for it in a checkout.
  write(
    'dist/cjs/viz/notebook/displayers/index.js',
    "module.exports = require('../../../displayers.cjs');\n",
  );
  for (const [name, text] of packagedNotebooks()) write(`assets/notebooks/${name}`, text);
  write('assets/cli/main.js', "module.exports = require('../../dist/cjs/cli.cjs');\n");
  writeTypes(write);
  for (const name of assets) {
    fs.cpSync(path.join(root, 'src', name), path.join(folder, 'assets', name), { recursive: true });
  }
  for (const name of fonts) {
    const file = path.join(nodeModules, 'dejavu-fonts-ttf', 'ttf', name);
    write(`assets/viz/text/fonts/${name}`, fs.readFileSync(file));
  }
  write('THIRD-PARTY-NOTICES.txt', notices([...node.packages, ...browser.packages]));
  for (const name of ['LICENSE', 'CHANGELOG.md']) {
    write(name, fs.readFileSync(path.join(root, name)));
  }
  write('README.md', fs.readFileSync(path.join(root, 'docs', 'package.md')));
  writeManifests(write);
}

/** @typedef {(name: string, content: string | Uint8Array) => void} Write */

/** @typedef {{ name: string, code: string, map: string }} Module */

/**
 * The sources, and the packages that are compiled in, as ES modules: one an entry, and what they share.
 *
 * @param {Record<string, { source: string }>} of
 * @param {'node' | 'browser'} platform
 * @returns {Promise<{ files: Module[], packages: string[] }>} names without endings; the packages' folders
 */
async function bundle(of, platform) {
  const result = await esbuild.build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(Object.entries(of).map(([name, { source }]) => [name, source])),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform,
    target: platform === 'node' ? target : 'es2022',
    outdir: 'out',
    outExtension: { '.js': '.mjs' },
    chunkNames: 'part-[hash]',
    external: [...optionalPeers, 'dejavu-fonts-ttf'],
    define: {
      'globalThis.STFPM_PEERS': JSON.stringify(peersToInstall()),
      ...(platform === 'browser' && { setImmediate: 'setTimeout' }),
    },
    plugins: [asPackaged, ...(platform === 'browser' ? [forBrowsers] : [])],
    // Names stay; for lines there are the source maps.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    sourcemap: 'external',
    sourcesContent: false,
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const texts = new Map(
    result.outputFiles.map(({ path: file, text }) => [path.basename(file), text]),
  );
  const files = [...texts].flatMap(([file, code]) =>
    file.endsWith('.mjs')
      ? [{ name: path.basename(file, '.mjs'), code, map: texts.get(`${file}.map`) ?? '' }]
      : [],
  );
  const packages = Object.keys(result.metafile.inputs).flatMap(
    (file) => /^(node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? [],
  );
  return { files, packages };
}

/**
 * The folder of a source that reads files beside it is, in the package, the one where they are; and what a source awaits
 * of a module that it requires becomes a module that is loaded when it is needed.
 * @type {esbuild.Plugin}
 */
const asPackaged = {
  name: 'as packaged',
  setup({ onLoad, onResolve }) {
    // Written here: see `notebooksEntry`.
    onResolve({ filter: /^src\/notebooks\.ts$/ }, ({ path: name }) => ({
      path: path.join(root, name),
    }));
    onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path: file }) => {
      const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : notebooksEntry();
      const folder = path.relative(path.join(root, 'src'), path.dirname(file)).split(path.sep);
      const inAssets = `__assets(${JSON.stringify(folder.join('/'))})`;
      const contents = text
        .replace(/\b__dirname\b/g, inAssets)
        .replace(/\bawait require\('\.\//g, "await import('./")
        // Never asks a registry, where the command's name is anybody's.
        .replace(/\bnpx stfpm\b/g, 'npx --no -- stfpm');
      return { contents, loader: 'ts' };
    });
  },
};

/** Marks what a plugin itself asks for. */
const resolving = Symbol('resolving');

/**
 * In the browser `x.browser.ts` stands in for `x.ts`. What only functions that are left out use of Node is left out too:
 * its modules are empty there.
 * @type {esbuild.Plugin}
 */
const forBrowsers = {
  name: 'for browsers',
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /^\./ }, async ({ path: name, resolveDir, kind, pluginData }) => {
      const file = path.join(resolveDir, `${name}.browser.ts`);
      if (fs.existsSync(file)) return { path: file };
      if (pluginData === resolving || !resolveDir.startsWith(path.join(root, 'src')))
        return undefined;
      const found = await resolve(name, { resolveDir, kind, pluginData: resolving });
      // Importing a file of the library does nothing, so that one of which nothing is used is left out.
      return { path: found.path, sideEffects: false };
    });
    const builtin = new RegExp(
      `^(node:.*|${builtinModules.filter((name) => !name.startsWith('_')).join('|')})$`,
    );
    onResolve({ filter: builtin }, ({ path: name }) => ({
      path: name,
      namespace: 'no-node',
      sideEffects: false,
    }));
    onLoad({ filter: /.*/, namespace: 'no-node' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/** What CommonJS has by itself. */
const esmPreamble =
  "import { createRequire as __createRequire } from 'node:module';" +
  "import { fileURLToPath as __filePath } from 'node:url';" +
  'const require = __createRequire(import.meta.url);' +
  "const __assets = (folder) => __filePath(new URL('../../assets/' + folder, import.meta.url));";

const cjsPreamble =
  "const __assets = (folder) => require('node:path').join(__dirname, '..', '..', 'assets', folder);";

/**
 * A module with its source map; with the preamble, a line of its own, where it needs that.
 *
 * @param {Write} write
 * @param {string} file
 * @param {string} code
 * @param {string} map
 * @param {string} preamble
 */
function writeModule(write, file, code, map, preamble) {
  const isCommonJs = file.endsWith('.cjs');
  const needsIt =
    preamble !== '' && (isCommonJs ? /\b__assets\b/ : /\b(__assets|require)\b/).test(code);
  const { mappings, names: _, ...rest } = JSON.parse(map);
  const sources = rest.sources.map((/** @type {string} */ source) =>
    source.replace(/^(\.\.\/)+/, ''),
  );
  const moved = {
    ...rest,
    sources,
    sourceRoot: 'stfpm-lab:///',
    names: [],
    mappings: (needsIt ? ';' : '') + linesOf(mappings),
  };
  const end = `//# sourceMappingURL=${path.basename(file)}.map\n`;
  write(file, `${needsIt ? `${preamble}\n` : ''}${code}${end}`);
  write(`${file}.map`, JSON.stringify(moved));
}

/**
 * A source map's mappings, of which each says where a line of a source begins: which is what a stack trace needs, in a
 * third of the bytes.
 *
 * @param {string} mappings
 */
function linesOf(mappings) {
  const lines = decode(mappings).map((segments) => {
    /** @type {string | null} */
    let before = null;
    return segments.filter(([, source = -1, line = -1]) => {
      const place = `${source}:${line}`;
      const isOther = place !== before;
      before = place;
      return isOther;
    });
  });
  // What things are called is in the code.
  const withoutName = (/** @type {import('@jridgewell/sourcemap-codec').SourceMapSegment} */ of) =>
    of.length === 5 ? /** @type {typeof of} */ (/** @type {unknown} */ (of.slice(0, 4))) : of;
  return encode(lines.map((segments) => segments.map(withoutName)));
}

/**
 * @param {string} code
 * @param {string} map
 */
function withInlineMap(code, map) {
  const data = Buffer.from(map).toString('base64');
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${data}\n`;
}

function commandFile() {
  const check = fs.readFileSync(path.join(root, 'environment', 'node-version.cjs'), 'utf8');
  return `#!/usr/bin/env node
// The command \`stfpm\`.
'use strict';
${check.replace(/^module\.exports.*$/m, '')}
requireNodeVersion();
process.setSourceMapsEnabled(true);
void require('./cli.cjs')
  .main(process.argv.slice(2))
  .then((code) => {
    process.exitCode = code;
  });
`;
}

/**
 * The declarations that the entries lead to, as the compiler wrote them for CommonJS, and for each entry one that
 * passes them on to ES modules.
 *
 * @param {Write} write
 */
function writeTypes(write) {
  const dist = distOf(root);
  // Its types are in the public ones, as its code is in the modules.
  const zod = path.join(nodeModules, 'zod');
  const placeOf = (/** @type {string} */ file) =>
    file.startsWith(zod)
      ? path.join('dist/types/zod', path.relative(zod, file))
      : path.join('dist/types', path.relative(dist, file));
  const seen = new Set();
  const visit = (/** @type {string} */ file) => {
    if (seen.has(file)) return;
    seen.add(file);
    const place = placeOf(file);
    const written = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : notebooksEntry();
    let text = written.replace(/^\/\/# source.*\n?/m, '');
    for (const { fileName } of ts.preProcessFile(text).importedFiles) {
      if (fileName.startsWith('.')) visit(declarationOf(path.join(path.dirname(file), fileName)));
      if (fileName !== 'zod') continue;
      const declaration = path.join(zod, 'index.d.ts');
      visit(declaration);
      const from = path
        .relative(path.dirname(place), placeOf(declaration))
        .replace(/\.d\.ts$/, '.js');
      text = text.replace(/(["'])zod\1/g, `$1${from.startsWith('.') ? from : `./${from}`}$1`);
    }
    write(place, text);
  };
  for (const [name, { source, browser }] of Object.entries(withNotebooks)) {
    const typesOf = (/** @type {string} */ of) => path.relative('src', of).replace(/\.ts$/, '.js');
    const pass = (/** @type {string} */ of) =>
      `/// <reference lib="esnext.disposable" />\nexport * from '../types/${typesOf(of)}';\n`;
    visit(path.join(dist, typesOf(source).replace(/\.js$/, '.d.ts')));
    write(`dist/esm/${name}.d.mts`, pass(source));
    write(`dist/cjs/${name}.d.cts`, pass(source));
    if (browser === undefined) continue;
    visit(path.join(dist, typesOf(browser).replace(/\.js$/, '.d.ts')));
    write(`dist/browser/${name}.d.mts`, pass(browser));
  }
}

/** @param {string} stem */
function declarationOf(stem) {
  const plain = stem.replace(/\.js$/, '');
  const file = [`${plain}.d.ts`, path.join(plain, 'index.d.ts')].find((name) =>
    fs.existsSync(name),
  );
  if (file === undefined) throw new Error(`${stem} is imported by a declaration and not in dist`);
  return file;
}

/**
 * The licences of what is compiled in, which ask to go with it.
 *
 * @param {string[]} folders
 */
function notices(folders) {
  const parts = [...new Set(folders)].sort().map((folder) => {
    const { name, version, license } = readJson(path.join(root, folder, 'package.json'));
    const file = fs.readdirSync(path.join(root, folder)).find((each) => /^licen[cs]e/i.test(each));
    const text =
      file === undefined ? '' : fs.readFileSync(path.join(root, folder, file), 'utf8').trim();
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  const dejavu = path.join(nodeModules, 'dejavu-fonts-ttf', 'LICENSE');
  parts.push(`DejaVu fonts\n\n${fs.readFileSync(dejavu, 'utf8').trim()}\n`);
  return `Parts of these packages are in this one.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

/**
 * The version that the lab itself uses.
 *
 * @param {string} name
 */
function versionOf(name) {
  const { dependencies } = readJson(path.join(root, 'package.json'));
  // Of one release with the other.
  return dependencies[name === 'onnxruntime-web' ? 'onnxruntime-node' : name];
}

/**
 * The peers with the versions that npm is to install: "sharp@0.35 vega@5". And TypeScript, which the kernel compiles cells
 * with: as a peer it would keep out of projects that have another one, and no notebooks.
 */
function peersToInstall() {
  const major = (/** @type {string} */ version) => /^(0\.)?\d+/.exec(version)?.[0];
  return [...optionalPeers, 'typescript']
    .map((name) => `${name}@${isPrivatelyUsed(name) ? versionOf(name) : major(versionOf(name))}`)
    .join(' ');
}

/** Whether what its next version may change without a word is used: the kernel does, of tslab and of TypeScript. */
const isPrivatelyUsed = (/** @type {string} */ name) => ['tslab', 'typescript'].includes(name);

/** @param {Write} write */
function writeManifests(write) {
  const lab = readJson(path.join(root, 'package.json'));
  const conditions = (/** @type {string} */ name) => ({
    ...(withNotebooks[name].browser !== undefined && {
      browser: { types: `./dist/browser/${name}.d.mts`, default: `./dist/browser/${name}.mjs` },
    }),
    import: { types: `./dist/esm/${name}.d.mts`, default: `./dist/esm/${name}.mjs` },
    require: { types: `./dist/cjs/${name}.d.cts`, default: `./dist/cjs/${name}.cjs` },
  });
  const names = Object.keys(withNotebooks);
  const json = (/** @type {unknown} */ value) => JSON.stringify(value, null, 2) + '\n';
  write(
    'package.json',
    json({
      name: lab.name,
      version: lab.version,
      description: lab.description,
      license: lab.license,
      keywords: ['anomaly-detection', 'defect-detection', 'stfpm', 'onnx', 'auroc', 'aupro'],
      engines: lab.engines,
      type: 'commonjs',
      sideEffects: false,
      main: './dist/cjs/index.cjs',
      module: './dist/esm/index.mjs',
      types: './dist/cjs/index.d.cts',
      exports: {
        ...Object.fromEntries(
          names.map((name) => [name === 'index' ? '.' : `./${name}`, conditions(name)]),
        ),
        './package.json': './package.json',
      },
      bin: { stfpm: './dist/cjs/stfpm.cjs' },
      files: [
        'dist',
        'assets',
        'engine',
        'kernel',
        'CHANGELOG.md',
        'THIRD-PARTY-NOTICES.txt',
        ...names.slice(1),
      ],
      peerDependencies: Object.fromEntries(
        optionalPeers.map((name) => [
          name,
          `${isPrivatelyUsed(name) ? '' : '^'}${versionOf(name)}`,
        ]),
      ),
      peerDependenciesMeta: Object.fromEntries(
        optionalPeers.map((name) => [name, { optional: true }]),
      ),
    }),
  );
  // For resolution that knows no `exports`: TypeScript's node10.
  for (const name of names.slice(1)) {
    write(
      `${name}/package.json`,
      json({ main: `../dist/cjs/${name}.cjs`, types: `../dist/cjs/${name}.d.cts` }),
    );
  }
}

/** @param {string} file */
function readJson(file) {
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

/** @param {string} destination */
async function pack(destination) {
  const folder = path.join(cacheDir, 'package');
  await makePackage(folder);
  fs.mkdirSync(destination, { recursive: true });
  const npm = process.env.npm_execpath;
  const args = ['pack', '--pack-destination', path.resolve(destination)];
  const run = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...args], { cwd: folder, stdio: 'inherit' })
    : spawnSync('npm', args, { cwd: folder, stdio: 'inherit' });
  process.exitCode = run.status ?? 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await pack(process.argv[2] ?? '.');
