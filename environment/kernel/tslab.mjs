// tslab's classes, loaded with the lab's own TypeScript in place of the one that tslab brings: that is 5.0, and the
// library is written for a later one. Cells are compiled without tslab (see cell-compiler.mjs). The types are left open:
// several of the members used here are private to tslab, whose version is pinned.
import Module, { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** @type {typeof import('typescript')} the compiler of the cells */
export const ts = require('typescript');

// As if it were loaded: what asks for tslab's own compiler is given this one.
const tslabRequire = createRequire(require.resolve('tslab/dist/converter'));
const compilerFile = tslabRequire.resolve('@tslab/typescript-for-tslab');
const compiler = new Module(compilerFile);
compiler.exports = ts;
compiler.loaded = true;
require.cache[compilerFile] = compiler;

/** @type {any} */
export const jupyter = require('tslab/dist/jupyter');
/** @type {any} */
export const { getCodeMetadata } = require('tslab/dist/metadata');
/** @type {any} */
export const { isCompleteCode } = require('tslab/dist/converter');
