import * as path from 'path';
import { evaluateRun } from '../evaluate-run';
import { runsHere } from '../find-run';
import { runFigures } from '../run-figures';
import { print, say } from '../say';

/** The options of `stfpm figures`. */
export interface FiguresOptions {
  data?: string;
  weights?: string;
  strict?: boolean;
  out: string;
  perDefect: number;
}

/** `stfpm figures` */
export async function figures(folder: string | undefined, options: FiguresOptions): Promise<void> {
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
