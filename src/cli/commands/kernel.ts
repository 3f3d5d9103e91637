import * as fs from 'fs';
import { createRequire } from 'module';
import * as os from 'os';
import * as path from 'path';
import type { Command } from 'commander';
import { engineFolder } from '../../lib/engine/index';
import { writeFileAtomic } from '../../lib/files/atomic-write';
import { FileError } from '../../lib/files/file-error';
import { isPackaged, loadOptional } from '../../lib/files/optional-package';
import { readJsonFile, readTextFile } from '../../lib/files/read-file';
import { UsageError } from '../options';
import { installingProject, PROJECT_ROOT } from '../project';
import { print } from '../terminal/say';

const MORE = `
Registers the kernel with a Jupyter that is there already: the user's, or the
one in a virtual environment. Its notebooks import the library from the project
that this command runs in: \`stfpm notebooks DIR\` copies some there.

  --user        the user's data folder of Jupyter (default): JUPYTER_DATA_DIR,
                else ~/.local/share/jupyter or ~/Library/Jupyter
  --sys-prefix  the virtual environment that is active
  --prefix DIR  the one in this folder

Example:
  stfpm kernel install --prefix .venv && .venv/bin/jupyter lab`;

interface Place {
  user?: boolean;
  sysPrefix?: boolean;
  prefix?: string;
  name: string;
}

const NEED = 'The notebook kernel';

/** The kernel calls functions of TypeScript's that the next version may have no longer. */
const TYPESCRIPT = '5.9';

/** The name that the notebooks ask for. */
const NAME = 'stfpm-ts';

const KERNEL = path.join(PROJECT_ROOT, ...(isPackaged() ? ['kernel'] : []), 'environment/kernel');

export function addKernelCommand(program: Command): void {
  const kernel = program
    .command('kernel')
    .description('register the notebook kernel with your own Jupyter')
    .addHelpText('after', MORE);
  const addOptions = (command: Command) =>
    command
      .option('--user', "in the user's data folder of Jupyter (default)")
      .option('--sys-prefix', 'in the virtual environment that is active')
      .option('--prefix <dir>', 'in the environment in this folder')
      .option('--name <name>', 'by which notebooks ask for it', NAME);
  addOptions(kernel.command('install').description('register it')).action(install);
  addOptions(kernel.command('uninstall').description('take it out again')).action(uninstall);
}

/** `stfpm kernel install` */
function install(place: Place): void {
  const folder = folderOf(place);
  checkOwn(folder);
  const env = isPackaged() ? environmentOfProject() : undefined;
  const spec = readJsonFile(path.join(KERNEL, 'kernel.json'), 'that of the kernel') as object;
  const argv = [process.execPath, path.join(KERNEL, 'main.mjs'), '{connection_file}'];
  writeFileAtomic(
    path.join(folder, 'kernel.json'),
    JSON.stringify({ argv, env, ...spec }, null, 2) + '\n',
  );
  writeFileAtomic(
    path.join(folder, 'logo-svg.svg'),
    readTextFile(path.join(KERNEL, 'logo.svg'), 'that of the kernel'),
  );
  print(folder);
}

/** `stfpm kernel uninstall` */
function uninstall(place: Place): void {
  const folder = folderOf(place);
  if (!fs.existsSync(folder)) throw new FileError(folder, 'the kernel', 'nothing');
  checkOwn(folder);
  fs.rmSync(folder, { recursive: true });
  print(folder);
}

/** What the package's kernel asks for: where cells import from, and where the engine is. */
function environmentOfProject(): Record<string, string> {
  const project = installingProject();
  const require = createRequire(path.join(project, 'package.json'));
  loadOptional('tslab', NEED, () => require.resolve('tslab/package.json'));
  loadOptional('typescript', NEED, () => {
    const { version } = require('typescript/package.json') as { version: string };
    if (!version.startsWith(`${TYPESCRIPT}.`)) {
      throw new Error(`it is of version ${version}, not ${TYPESCRIPT}`);
    }
  });
  return { STFPM_PROJECT: project, STFPM_ENGINE: engineFolder() };
}

function folderOf({ user, sysPrefix, prefix, name }: Place): string {
  if ([user, sysPrefix, prefix].filter((each) => each !== undefined).length > 1) {
    throw new UsageError('--user, --sys-prefix and --prefix exclude each other.');
  }
  // Jupyter takes no other.
  if (!/^[a-z0-9._-]+$/i.test(name)) {
    throw new UsageError(`--name: expected letters, digits, ".", "_" and "-", found "${name}".`);
  }
  return path.join(dataFolder({ sysPrefix, prefix }), 'kernels', name.toLowerCase());
}

/** Jupyter's data folder. */
function dataFolder({ sysPrefix, prefix }: Pick<Place, 'sysPrefix' | 'prefix'>): string {
  const { env, platform } = process;
  if (prefix !== undefined) {
    if (!fs.existsSync(prefix)) {
      throw new FileError(prefix, 'the folder of an environment', 'nothing');
    }
    return path.resolve(prefix, 'share', 'jupyter');
  }
  if (sysPrefix) {
    const active = env.VIRTUAL_ENV ?? env.CONDA_PREFIX;
    if (active === undefined) {
      throw new UsageError(
        '--sys-prefix: expected an active virtual environment (VIRTUAL_ENV or CONDA_PREFIX), found none: activate it, or name its folder with --prefix.',
      );
    }
    return path.join(active, 'share', 'jupyter');
  }
  if (env.JUPYTER_DATA_DIR) return path.resolve(env.JUPYTER_DATA_DIR);
  if (platform === 'darwin') return path.join(os.homedir(), 'Library', 'Jupyter');
  if (platform === 'win32') return path.join(env.APPDATA ?? os.homedir(), 'jupyter');
  return path.join(env.XDG_DATA_HOME ?? path.join(os.homedir(), '.local', 'share'), 'jupyter');
}

/** @throws FileError where another kernel has the name */
function checkOwn(folder: string): void {
  const file = path.join(folder, 'kernel.json');
  if (!fs.existsSync(file)) return;
  const text = readTextFile(file, 'that of a kernel');
  if (!text.includes(path.join('environment', 'kernel', 'main.mjs'))) {
    throw new FileError(file, 'this kernel', 'another of the same name (see --name)');
  }
}
