import { execFileSync } from 'child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'fs';
import * as os from 'os';
import * as path from 'path';
import { Command } from 'commander';
import { describeMachine } from './machine';
import { spread } from './spread';
import type { Spread } from './spread';
import { makeRun } from './startup/make-run';

/** How long one waits before the lab works: `node -r ./test/register.cjs bench/startup.ts`. */

const ROOT = path.resolve(__dirname, '..');
const LIBRARY = path.join(ROOT, 'dist', 'lib', 'index');
const PYTHON = path.join(ROOT, '.venv', 'bin', 'python');

function seconds(executable: string, args: string[]): number {
  const begin = performance.now();
  execFileSync(executable, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
  return (performance.now() - begin) / 1000;
}

/** A process that does nothing but to load the library. */
function importSeconds(): number {
  return seconds(process.execPath, ['-e', `require(${JSON.stringify(LIBRARY)})`]);
}

interface KernelSeconds {
  start: number;
  firstImport: number;
  warmCell: number;
}

function kernelSeconds(): KernelSeconds {
  const script = path.join(__dirname, 'startup', 'kernel.py');
  const text = execFileSync(PYTHON, ['-I', script], { cwd: ROOT, encoding: 'utf8' });
  return JSON.parse(text) as KernelSeconds;
}

function toMarkdown(times: Record<string, Spread>, rounds: number): string {
  const shown = (value: number) =>
    value < 1 ? `${(value * 1000).toFixed(0)} ms` : `${value.toFixed(2)} s`;
  const lines = Object.entries(times).map(
    ([name, { median, smallest, largest }]) =>
      `| ${name} | ${shown(median)} | ${shown(smallest)} to ${shown(largest)} |`,
  );
  return `| what | median of ${rounds} | smallest to largest |\n| --- | --- | --- |\n${lines.join('\n')}\n`;
}

async function main(): Promise<void> {
  const options = new Command()
    .description('Measures start-up: library, command line and notebook kernel.')
    .option('--out <folder>', 'where startup.json and .md go', path.join(__dirname, 'out'))
    .option('--rounds <n>', 'of each measurement', '5')
    .parse()
    .opts<{ out: string; rounds: string }>();
  const rounds = Number(options.rounds);
  const temporary = mkdtempSync(path.join(os.tmpdir(), 'stfpm-startup-'));
  const measured: Record<string, number[]> = {};
  const note = (name: string, value: number) => (measured[name] ??= []).push(value);
  try {
    const { run, image } = await makeRun(temporary);
    for (let round = 0; round < rounds; round++) {
      note('dist/lib/index imported in a new process', importSeconds());
      note(
        'npx stfpm predict RUN IMAGE, to the result',
        seconds('npx', ['stfpm', 'predict', run, image]),
      );
      const kernel = kernelSeconds();
      note('notebook kernel, to ready', kernel.start);
      note('first cell: src/lib/index imported', kernel.firstImport);
      note('a cell after that', kernel.warmCell);
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  const times = Object.fromEntries(
    Object.entries(measured).map(([name, values]) => [name, spread(values)]),
  );
  mkdirSync(options.out, { recursive: true });
  const report = {
    date: new Date().toISOString(),
    machine: describeMachine(),
    rounds,
    seconds: times,
  };
  writeFileSync(path.join(options.out, 'startup.json'), `${JSON.stringify(report, null, 2)}\n`);
  const markdown = toMarkdown(times, rounds);
  writeFileSync(path.join(options.out, 'startup.md'), markdown);
  process.stdout.write(markdown);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
