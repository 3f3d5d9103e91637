// The lab's notebook kernel: `node main.mjs CONNECTION_FILE`, started by Jupyter.
//
// tslab's sockets and display carry what goes over Jupyter's protocol; how cells are checked, compiled and run, and what an
// error, an interruption or a result looks like, is decided here.
import { createRequire } from 'node:module';
import { root } from '../setup/paths.mjs';

// Where Jupyter started it, which is the notebook's folder, is known before that changes.
await import('./notebook-folder.mjs');
// The notebooks name their folders of runs and results as seen from the checkout.
process.chdir(root);
const { exitWithParent } = await import('./exit-with-parent.mjs');
const { KernelServer } = await import('./kernel-server.mjs');
const { createSession } = await import('./session.mjs');

// tfjs-node calls it; Node 23 removed it. Cells may import the engine's package directly.
const util = createRequire(import.meta.url)('node:util');
util.isNullOrUndefined ??= (/** @type {unknown} */ value) => value === null || value === undefined;

// Of a long way through the library the cell's own line would be cut off.
Error.stackTraceLimit = 50;

const connectionFile = process.argv[2];
if (connectionFile === undefined) {
  console.error('Usage: node main.mjs CONNECTION_FILE (started by Jupyter)');
  process.exit(2);
}

const session = createSession(root);
const server = new KernelServer(session, connectionFile);

// Jupyter asks for interruptions on the control channel. The signal is only for code that Node runs
// without a pause, which it ends by itself; with no listener it would end the process.
process.on('SIGINT', () => {});
// Jupyter sends it to a kernel that it has asked to end, and that is still at it.
process.on('SIGTERM', () => void server.terminate());
process.on('unhandledRejection', (reason) => session.failOutside(reason));
process.on('uncaughtException', (error) => session.failOutside(error));
exitWithParent();

await server.init();
