import { spawn } from 'child_process';
import { once } from 'events';
import * as fs from 'fs';
import * as path from 'path';
import type { Command } from 'commander';
import { engineFolder } from '../../lib/engine/index';
import { writeFileAtomic } from '../../lib/files/atomic-write';
import { UsageError } from '../options';
import { PROJECT_ROOT } from '../project';
import { say } from '../terminal/say';
import { readTextFile } from '../../lib/files/read-file';

const MORE = `
Needs Python and a C++ compiler, and says so where one is missing: the engine is
TensorFlow's library from PyPI, with an addon that is compiled against it. It
takes 2 GB in the user's cache, or in the folder that STFPM_ENGINE names, and
serves all projects of the user. What is done already is left as it is.

To use a detector that was exported, nothing of this is needed.

The variables PYTHON and CXX name a Python and a C++ compiler to use.`;

/** What the package makes the engine from. In a checkout there is none: its set-up runs before every command. */
const TEMPLATE = path.join(PROJECT_ROOT, 'engine');

export function addSetupCommand(program: Command): void {
  program
    .command('setup')
    .description('make the training engine')
    .option('--gpu', 'TensorFlow for NVIDIA GPUs (computes on the CPU where there is none)')
    .option('--cpu', 'TensorFlow for the CPU; the default, unless --gpu was chosen before')
    .addHelpText('after', MORE)
    .action(setup);
}

/** `stfpm setup` */
async function setup({ gpu, cpu }: { gpu?: boolean; cpu?: boolean }): Promise<void> {
  if (gpu && cpu) throw new UsageError('--gpu and --cpu exclude each other.');
  if (!fs.existsSync(TEMPLATE)) {
    if (gpu || cpu) throw new UsageError('In a checkout: `npm run setup -- --gpu` or `-- --cpu`.');
    say('The lab is set up.');
    return;
  }
  const folder = engineFolder();
  for (const name of fs.readdirSync(TEMPLATE, { recursive: true, encoding: 'utf8' })) {
    const source = path.join(TEMPLATE, name);
    if (fs.statSync(source).isFile()) bring(source, path.join(folder, name));
  }
  const program = path.join(folder, 'environment', 'setup', 'engine-alone.mjs');
  const variant = gpu ? ['gpu'] : cpu ? ['cpu'] : [];
  const child = spawn(process.execPath, [program, ...variant], { cwd: folder, stdio: 'inherit' });
  // A terminal's Ctrl-C reaches the child by itself, which then ends in good order.
  const wait = () => {};
  const pass = () => child.kill('SIGTERM');
  process.on('SIGINT', wait).on('SIGTERM', pass);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error('The training engine could not be made; see above.');
  } finally {
    process.off('SIGINT', wait).off('SIGTERM', pass);
  }
}

/** A file that is there already keeps its time. */
function bring(source: string, file: string): void {
  const content = readTextFile(source, 'a part of the engine');
  if (fs.existsSync(file) && readTextFile(file, 'a part of the engine') === content) return;
  writeFileAtomic(file, content);
}
