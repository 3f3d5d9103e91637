// tslab's classes, loaded with the compiler as the lab wants it. The types are left open: several
// of the members used here are private to tslab, whose version is pinned.
import { createRequire } from 'node:module';
import { withLabSettings } from './compiler-settings.mjs';
import { keepSourceMaps } from './source-positions.mjs';

const require = createRequire(import.meta.url);

const compilerFile = require.resolve('@tslab/typescript-for-tslab');
/** @type {typeof import('typescript')} the compiler of the cells */
export const ts = require(compilerFile);

const compiler = require.cache[compilerFile];
if (compiler === undefined) throw new Error(`${compilerFile} is not in the cache of modules`);
compiler.exports = keepSourceMaps(withLabSettings(ts));

/** @type {any} */
export const jupyter = require('tslab/dist/jupyter');
/** @type {any} */
export const converterModule = require('tslab/dist/converter');
export const { createConverter } = converterModule;
/** @type {any} */
export const { getCodeMetadata } = require('tslab/dist/metadata');
