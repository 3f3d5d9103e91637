import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'fs';
import * as os from 'os';
import * as path from 'path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { compare } from './compare';
import type { Comparison } from './compare';
import { inputFiles } from './input-files';
import { describeMachine, FREE_MACHINE_LOAD } from './machine';
import { findPrograms } from './programs';
import type { Program } from './protocol';
import { toMarkdown } from './report';
import type { Report } from './report';
import { allRows, sgemmContestants } from './rows';
import type { Sizes } from './row';
import { Subject } from './subject';

/** Measures the lab against what one would run instead, on this machine: `npm run bench`. */

interface Options {
  quick: boolean;
  rows?: string[];
  rounds?: number;
  threads: number;
  peerDevice: 'cpu' | 'cuda';
  size?: number;
  batch?: number;
  out: string;
}

const FULL: Sizes & { rounds: number } = {
  rounds: 9,
  size: 256,
  batch: 32,
  scoredImages: 83,
  matrix: 2048,
};
const QUICK: Sizes & { rounds: number } = {
  rounds: 3,
  size: 256,
  batch: 8,
  scoredImages: 16,
  matrix: 1024,
};

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('Expected 1, 2, 3, ...');
  return value;
}

function parseOptions(): Options {
  return new Command()
    .name('npm run bench --')
    .description(
      'Measures training, inference and metrics against PyTorch, scikit-learn and anomalib on this machine, in ' +
        'interleaved pairs. The peers are installed first if need be (gigabytes), or named by BENCH_TORCH_PYTHON, ' +
        'BENCH_SKLEARN_PYTHON, BENCH_ANOMALIB_PYTHON and BENCH_ONNX_PYTHON.',
    )
    .option('--quick', 'fewer rounds and smaller sizes: a look in about a minute', false)
    .option('--rows <ids>', 'only these rows, separated by commas', (text) => text.split(','))
    .option('--rounds <n>', `pairs in each row (default ${FULL.rounds})`, positiveInteger)
    .option('--threads <n>', 'cores for each side', positiveInteger, os.availableParallelism())
    .addOption(
      new Option('--peer-device <name>', 'where PyTorch and anomalib compute')
        .choices(['cpu', 'cuda'])
        .default('cpu'),
    )
    .option('--size <pixels>', `side of the images (default ${FULL.size})`, positiveInteger)
    .option('--batch <n>', `images in a training step (default ${FULL.batch})`, positiveInteger)
    .option('--out <folder>', 'where report.json and report.md go', path.join(__dirname, 'out'))
    .parse()
    .opts<Options>();
}

async function main(): Promise<void> {
  const options = parseOptions();
  const base = options.quick ? QUICK : FULL;
  const sizes: Sizes = {
    ...base,
    size: options.size ?? base.size,
    batch: options.batch ?? base.batch,
  };
  const rounds = options.rounds ?? base.rounds;
  const { threads } = options;
  const temporary = mkdtempSync(path.join(os.tmpdir(), 'stfpm-bench-'));
  try {
    const files = inputFiles(temporary);
    const all = allRows(files, sizes);
    const unknown = options.rows?.filter((id) => !all.some((row) => row.id === id)) ?? [];
    if (unknown.length > 0) {
      const ids = all.map(({ id }) => id).join(', ');
      throw new Error(`--rows: expected some of ${ids}; found ${unknown.join(', ')}.`);
    }
    const rows = all.filter(({ id }) => options.rows?.includes(id) ?? true);
    const commands = findPrograms();
    const machine = describeMachine();
    if (machine.loadBefore > FREE_MACHINE_LOAD) {
      console.error(
        `The machine is not free (load ${machine.loadBefore.toFixed(1)}): expect noise.`,
      );
    }

    const { subject: writer } = await Subject.start('input files', commands.lab, {
      workload: 'inputs',
      threads,
      ...files,
      count: 2 * sizes.batch,
      size: sizes.size,
      scoredImages: sizes.scoredImages,
    });
    await writer.run(1);
    await writer.stop();

    const versions: Partial<Record<Program, Record<string, string>>> = {};
    const results: Comparison[] = [];
    const leftOut: Report['leftOut'] = [];
    for (const row of rows) {
      console.error(row.title);
      const result = await compare(row, {
        rounds,
        threads,
        peerDevice: options.peerDevice,
        commands,
        sgemm: sgemmContestants(sizes),
        onVersions: (program, found) => (versions[program] = found),
        onProgress: (message) => console.error(`  ${message}`),
      }).catch((error: Error) => {
        if (!row.mayFail) throw error;
        console.error(`  left out: ${error.message}`);
        leftOut.push({ title: row.title, why: error.message });
        return null;
      });
      if (!result) continue;
      console.error(`  time, lab / peer: ${result.timeRatio.median.toFixed(2)}`);
      results.push(result);
    }

    const report: Report = {
      date: new Date().toISOString(),
      quick: options.quick,
      rounds,
      threads,
      machine,
      versions: versions as Report['versions'],
      rows: results,
      leftOut,
    };
    mkdirSync(options.out, { recursive: true });
    writeFileSync(path.join(options.out, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
    const markdown = toMarkdown(report);
    writeFileSync(path.join(options.out, 'report.md'), markdown);
    process.stdout.write(markdown);
    if (results.some(({ sameResult }) => !sameResult)) {
      console.error(
        'The two sides of a row differ in their results: its times compare different work.',
      );
      process.exitCode = 1;
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
