import * as path from 'path';
import type { Command } from 'commander';
import { print } from '../say';

export function addSynthCommand(program: Command): void {
  program
    .command('synth')
    .argument('<out>')
    .action(() => print(path.resolve('.')));
}
