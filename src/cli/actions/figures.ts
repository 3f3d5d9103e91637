import * as path from 'path';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { evaluateRun } from '../evaluate-run';
import { runsHere } from '../find-run';
import { print, say } from '../say';
import { runFigures } from '../run-figures';

interface FiguresCommandOptions {
  data?: string;
  weights?: string;
  strict?: boolean;
  out: string;
  perDefect: number;
}

async function figuresCommand(
  folder: string | undefined,
  options: FiguresCommandOptions,
): Promise<void> {
  const run = folder ?? lastRun();
  const evaluated = await evaluateRun(run, { ...options, levelMaps: true });
  const target = path.join(options.out, evaluated.name);
  for await (const { file, figure } of runFigures(evaluated, options.perDefect)) {
    await figure.save(path.join(target, file));
    print(path.join(target, file));
  }
}

function lastRun(): string {
  const [last] = runsHere();
  if (last === undefined) {
    throw new Error('runs: expected a training run below it, found none. `stfpm train` makes one.');
  }
  say(`Run: ${last}`);
  return last;
}
