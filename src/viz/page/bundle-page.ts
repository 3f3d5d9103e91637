/**
 * A page's script with all that it imports, as one JavaScript module.
 * @param file TypeScript or JavaScript
 */
export function bundlePage(file: string): string {
  const { buildSync } = require('esbuild') as typeof import('esbuild');
  const { outputFiles } = buildSync({
    entryPoints: [file],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    charset: 'ascii',
    legalComments: 'inline',
    logLevel: 'silent',
  });
  return outputFiles[0].text;
}
