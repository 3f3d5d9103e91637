import { spawn } from 'node:child_process';
import path from 'node:path';
import { duration } from '../../src/lib/text/duration.js';
import { setUpOrExplain } from '../setup/main.mjs';
import { root, venvPython } from '../setup/paths.mjs';
import { say } from '../setup/progress.mjs';

/** Of the paper's figures. */
const categories = ['bottle', 'leather'];
const output = 'reports';

/**
 * Runs everything, each part in a process of its own, and says how long each took. Ends at the
 * first part that fails, with its exit code.
 *
 * @param {string[]} args for the notebooks' runner; with any, the notebooks alone are run
 */
export async function start(args) {
  const python = [venvPython, '-I', path.join('environment', 'run-notebooks.py'), ...args];
  const stfpm = [process.execPath, path.join('src', 'cli', 'stfpm.js')];
  /** @type {{ what: string, run: () => Promise<number> }[]} */
  const parts = [
    { what: 'set-up', run: async () => ((await setUpOrExplain()) === 'failed' ? 1 : 0) },
    { what: 'notebooks', run: () => inProcess(python) },
  ];
  if (args.length === 0) {
    const figures = ['figures', '1', '2', '3', '4', '5', '--out', output];
    parts.push({ what: 'figures', run: () => inProcess([...stfpm, ...figures]) });
    for (const category of categories) {
      const report = ['report', '--category', category, '--out', `${output}/${category}.html`];
      parts.push({ what: `report on ${category}`, run: () => inProcess([...stfpm, ...report]) });
    }
  }
  const times = [];
  for (const [i, { what, run }] of parts.entries()) {
    if (i > 0 && parts.length > 2) say(`\n${what[0].toUpperCase()}${what.slice(1)}`);
    const began = performance.now();
    const code = await run();
    if (code !== 0) {
      process.exitCode = code;
      return;
    }
    times.push({ what, seconds: (performance.now() - began) / 1000 });
  }
  const all = times.reduce((sum, { seconds }) => sum + seconds, 0);
  const list = times.map(({ what, seconds }) => `${what} ${duration(seconds)}`).join(', ');
  say(`\nDone in ${duration(all)}: ${list}.`);
  if (args.length === 0) {
    say(`Figures 1 to 5: ${output}/paper/. Reports: ${output}/*.html, which open in a browser.`);
    say('`npm run lab` opens the notebooks in JupyterLab.');
  }
}

/**
 * @param {string[]} command
 * @returns {Promise<number>} the exit code
 */
function inProcess([command, ...args]) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
  // A terminal's Ctrl-C reaches the child by itself, and it saves and ends.
  const ignore = () => {};
  const pass = () => child.kill('SIGTERM');
  process.on('SIGINT', ignore).on('SIGTERM', pass);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      process.off('SIGINT', ignore).off('SIGTERM', pass);
      resolve(code ?? 1);
    });
  });
}
