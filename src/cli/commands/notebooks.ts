import * as fs from 'fs';
import * as path from 'path';
import type { Command } from 'commander';
import { FileError } from '../../lib/files/file-error';
import { writeFileAtomic } from '../../lib/files/atomic-write';
import { isPackaged } from '../../lib/files/optional-package';
import { readTextFile } from '../../lib/files/read-file';
import { UsageError } from '../options';
import { PROJECT_ROOT } from '../project';
import { print } from '../terminal/say';

const MORE = `
They import the library from the project that installed it, and need the kernel
(\`stfpm kernel install\`) and the training engine (\`stfpm setup\`). Notebooks
that are there already are left as they are.

Example:
  stfpm notebooks notebooks`;

export function addNotebooksCommand(program: Command): void {
  program
    .command('notebooks')
    .description('copy the notebooks out, to work on')
    .argument('<dir>', 'folder to copy them to; made where it is not there')
    .addHelpText('after', MORE)
    .action(notebooks);
}

/** `stfpm notebooks DIR` */
function notebooks(folder: string): void {
  if (!isPackaged()) {
    throw new UsageError('In a checkout they are in the folder `notebooks`, to work on there.');
  }
  if (fs.statSync(folder, { throwIfNoEntry: false })?.isFile()) {
    throw new FileError(folder, 'a folder', 'a file');
  }
  const source = path.join(PROJECT_ROOT, 'assets', 'notebooks');
  for (const name of fs.readdirSync(source)) {
    const file = path.join(folder, name);
    if (fs.existsSync(file)) {
      print(`${file} is there already`);
      continue;
    }
    writeFileAtomic(file, readTextFile(path.join(source, name), 'a notebook'));
    print(file);
  }
}
