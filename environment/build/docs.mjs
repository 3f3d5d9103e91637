// npm run docs: the public functions and types, with the guides of docs/, as pages in site/ that open from disk.
import fs from 'node:fs';
import path from 'node:path';
import { Application } from 'typedoc';
import { root } from '../setup/paths.mjs';
import { entries } from './package-entries.mjs';

const inRoot = (/** @type {string} */ name) => path.join(root, name);

const app = await Application.bootstrap({
  name: 'stfpm-lab',
  entryPoints: Object.values(entries).map(({ source }) => inRoot(source)),
  tsconfig: inRoot('tsconfig.build.json'),
  readme: inRoot('docs/package.md'),
  projectDocuments: fs
    .readdirSync(inRoot('docs'))
    .filter((name) => name.endsWith('.md') && name !== 'package.md')
    .map((name) => inRoot(`docs/${name}`)),
  out: inRoot('site'),
  navigation: { includeFolders: false },
  includeVersion: true,
  hideGenerator: true,
  // Where a checkout's files lie on the web is nobody's business here.
  disableSources: true,
  excludePrivate: true,
  excludeInternal: true,
  validation: { notExported: false, invalidLink: true, notDocumented: false },
  treatValidationWarningsAsErrors: true,
  logLevel: 'Warn',
});
const project = await app.convert();
if (project === undefined) throw new Error('The sources do not compile: npm run types');
/** What the modules are called by who imports them. */
const names = new Map(
  Object.entries(entries).map(([name, { source }]) => [
    path.relative('src', source).replace(/(\/index)?\.ts$/, ''),
    name === 'index' ? 'stfpm-lab' : `stfpm-lab/${name}`,
  ]),
);
for (const module of project.children ?? []) module.name = names.get(module.name) ?? module.name;
app.validate(project);
await app.generateOutputs(project);
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1;
else console.log(path.join(path.relative(process.cwd(), inRoot('site')), 'index.html'));
