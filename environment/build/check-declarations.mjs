// Whether the notebook kernel's TypeScript understands the declarations in `dist`, which a newer one has
// written: `node environment/build/check-declarations.mjs`, after the build. In a cell, what it does not
// understand would be of any type at all.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fromRoot, root } from '../setup/paths.mjs';
import { distOf } from './state.mjs';

/** @type {typeof import('typescript')} */
const ts = createRequire(import.meta.url)('@tslab/typescript-for-tslab');

const dist = distOf(root);
const files = fs
  .readdirSync(dist, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.d.ts'))
  .map((file) => path.join(dist, file));
// As tslab and the kernel have it, but that the declarations themselves are checked.
const program = ts.createProgram(files, {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2022.d.ts'],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Node10,
  esModuleInterop: true,
  strict: true,
  types: ['node'],
  noEmit: true,
});
// Of packages' declarations only what these ask for.
const problems = files.flatMap((file) => {
  const source = program.getSourceFile(file);
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
});
for (const { file, start = 0, messageText } of problems) {
  const { line, character } = file?.getLineAndCharacterOfPosition(start) ?? {
    line: 0,
    character: 0,
  };
  const place = `${fromRoot(file?.fileName ?? '')}:${line + 1}:${character + 1}`;
  console.error(`${place} - ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
}
if (problems.length > 0) process.exitCode = 1;
