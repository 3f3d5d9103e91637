import { createRequire } from 'node:module';
import { ts } from './tslab.mjs';

const { version } = createRequire(import.meta.url)('../../package.json');

/** @returns {Record<string, unknown>} the content of a kernel_info_reply */
export function kernelInfo() {
  return {
    status: 'ok',
    protocol_version: '5.3',
    implementation: 'stfpm-ts',
    implementation_version: version,
    language_info: {
      name: 'typescript',
      version: ts.version,
      mimetype: 'text/typescript',
      file_extension: '.ts',
      pygments_lexer: 'typescript',
      // JupyterLab and the classic notebook find their TypeScript mode by these.
      codemirror_mode: { name: 'javascript', mode: 'typescript', typescript: true },
      nbconvert_exporter: 'script',
    },
    // What switches on JupyterLab's panel of variables (see debug-requests.mjs); the first is that of older versions.
    debugger: true,
    supported_features: ['debugger'],
    banner: `TypeScript ${ts.version} on Node.js ${process.version}`,
    help_links: [
      { text: 'The lab: README', url: '/lab/tree/README.md' },
      { text: 'The lab: its functions', url: '/lab/tree/src/lib/index.ts' },
      { text: 'The notebook kernel', url: '/lab/tree/environment/kernel/README.md' },
      { text: 'TypeScript', url: 'https://www.typescriptlang.org/docs/' },
    ],
  };
}
