import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { Option } from 'commander';
import type { Command } from 'commander';
import { formatCsv } from '../../lib/evaluation/csv';
import { EXPERIMENTS } from '../../lib/experiments/studies';
import { planRuns } from '../../lib/experiments/plan-runs';
import { requireWritable, writeFileAtomic } from '../../lib/files/atomic-write';
import { coordinate, statusOnDisk } from '../../lib/sweep/coordinate';
import type { NodeState, SweepStatus } from '../../lib/sweep/coordinate';
import type { Engine } from '../../lib/sweep/engine';
import { readSubmission, writeSubmission } from '../../lib/sweep/node-state';
import { makespan } from '../../lib/sweep/makespan';
import { cellOfPreset, cellsOfSweep, dataChecksum, makePlan, readPlan } from '../../lib/sweep/plan';
import type { Plan, PlanData, PlannedCell } from '../../lib/sweep/plan';
import { engineNamed } from '../../lib/sweep/sweep';
import { readSweepFile } from '../../lib/sweep/sweep-file';
import type { Resources, SweepFile } from '../../lib/sweep/sweep-file';
import { duration } from '../../lib/text/duration';
import { writeMlflow } from '../experiments/mlflow';
import { estimator } from '../experiments/sweep-estimate';
import { sweepInputs } from '../experiments/sweep-inputs';
import { sweepPage } from '../experiments/sweep-page';
import { sweepCsv, sweepTable } from '../experiments/sweep-table';
import { jsonObject, notNegative, UsageError, wholeNumber } from '../options';
import { projectVersion } from '../project';
import { Interrupted, interruptible } from '../terminal/interruption';
import { numberTable, numberText } from '../terminal/metrics-text';
import { openProgress } from '../terminal/progress';
import { print, say } from '../terminal/say';
import { imagesOfRows, imagesKey, seeds, separated, teacherOf, chosenRows } from './reproduce';
import type { ReproduceOptions } from './reproduce';
import { addSearchCommand } from './sweep-search';

const MORE = `
A sweep is a YAML or JSON file of rows of settings, each run on every category
with every seed; docs/sweeps.md says what it holds. An experiment of \`stfpm
reproduce\` is one too: table2, sweep, ablations, teachers, methods, hard, precision.

Runs that are finished are not repeated. \`run\` may be killed and started again
anywhere that sees the folder of the runs; Ctrl-C stops local runs, with all
saved, and leaves those of a cluster alone.

Examples:
  stfpm sweep plan sweep.yaml --out plan.json
  stfpm sweep run plan.json --on local --cpus 8
  stfpm sweep run plan.json --on ray --address http://127.0.0.1:8265
  stfpm sweep run plan.json --on slurm --in-flight 50
  stfpm sweep watch plan.json
  stfpm sweep table plan.json --out tables/`;

export function addSweepCommand(program: Command): void {
  const command = program
    .command('sweep')
    .description('plan many runs, have them run here or on a cluster, and put them into a table')
    .addHelpText('after', MORE);
  command
    .command('plan')
    .description('make the plan of a sweep, and say what it costs before anything runs')
    .argument('<file>', 'the sweep, YAML or JSON; or the name of an experiment of `reproduce`')
    .option('-o, --out <plan.json>', 'write the plan')
    .addOption(new Option('--rows <names>', 'experiments: only these rows').argParser(separated))
    .addOption(new Option('--seeds <numbers>', 'experiments').argParser(seeds).default([0], '0'))
    .addOption(new Option('--epochs <n>', 'experiments').argParser(wholeNumber(1)).default(100))
    .addOption(
      new Option('--pre-training-epochs <n>', 'experiments').argParser(wholeNumber(1)).default(100),
    )
    .option('--data <folder>', 'experiments: data set (default: MVTEC_AD_ROOT)')
    .addOption(new Option('--synthetic', 'experiments: synthetic images').conflicts('data'))
    .option('--weights <file>', 'experiments: ImageNet weights of the teacher')
    .option('--embedded-teacher', 'experiments: the teacher that comes with the lab')
    .option('--random-teacher', 'experiments: an untrained teacher')
    .option('--runs <folder>', 'experiments: where the run folders are', 'runs')
    .addOption(new Option('--cpus <n>', 'experiments: a run').argParser(wholeNumber(1)).default(1))
    .action(plan);
  engineOptions(command.command('run'))
    .description('run what is missing of a plan')
    .addOption(
      new Option('--retries <n>', 'of a run that ends without a result')
        .argParser(wholeNumber(0))
        .default(1),
    )
    .action(run);
  engineOptions(command.command('cancel'))
    .description('stop the runs of a plan that a coordinator has left, with all saved')
    .action(cancel);
  command
    .command('table')
    .description('the results of a plan so far; names what is missing and why')
    .argument('<plan.json>')
    .option('-o, --out <folder>', 'write table.md, table.csv and table.html too')
    .option('--mlflow <folder>', "write the finished runs into MLflow's file store")
    .action(table);
  command
    .command('watch')
    .description('how far a plan is, until it is finished')
    .argument('<plan.json>')
    .addOption(new Option('--seconds <n>', 'between two looks').argParser(notNegative).default(5))
    .option('--once', 'look once')
    .action(watch);
  addSearchCommand(command);
}

function engineOptions(command: Command): Command {
  return command
    .argument('<plan.json>')
    .addOption(
      new Option('--on <engine>', 'who starts the runs')
        .choices(['local', 'ray', 'slurm'])
        .default('local'),
    )
    .addOption(
      new Option('--cpus <n>', 'local: cores to use (default: all)').argParser(wholeNumber(1)),
    )
    .addOption(new Option('--gpus <n>', 'local: GPUs to use').argParser(wholeNumber(0)).default(0))
    .addOption(
      new Option('--memory <MB>', 'local: memory to use (default: nine tenths)').argParser(
        notNegative,
      ),
    )
    .option('--address <url>', "ray: the cluster's dashboard (default: RAY_ADDRESS)")
    .option('--token <text>', 'ray: where the cluster asks for one (default: RAY_AUTH_TOKEN)')
    .addOption(
      new Option('--runtime-env <json>', "ray: the jobs' run-time environment").argParser(
        jsonObject,
      ),
    )
    .addOption(
      new Option('--sbatch <options>', 'slurm: further options, e.g. "--partition=gpu"').argParser(
        (text) => text.split(/\s+/).filter((word) => word !== ''),
      ),
    )
    .addOption(
      new Option('--in-flight <n>', 'ray, slurm: jobs submitted at once')
        .argParser(wholeNumber(1))
        .default(16),
    );
}

type PlanCommandOptions = ReproduceOptions & { out?: string; cpus: number };

/** `stfpm sweep plan` */
async function plan(file: string, options: PlanCommandOptions): Promise<void> {
  if (options.out !== undefined) requireWritable(options.out);
  const isExperiment = Object.hasOwn(EXPERIMENTS, file) && !fs.existsSync(file);
  const made = isExperiment
    ? await planOfExperiment(file as keyof typeof EXPERIMENTS, options)
    : await planOfFile(file);
  print(planText(made));
  if (options.out === undefined) return;
  writeFileAtomic(options.out, `${JSON.stringify(made, null, 2)}\n`);
  say(`Written: ${options.out}. Next: stfpm sweep run ${options.out}`);
}

async function planOfFile(file: string): Promise<Plan> {
  const sweep = readSweepFile(file);
  const inputs = sweepInputs(file, sweep);
  const data = new Map<string, PlanData>();
  for (const category of sweep.categories) data.set(category, await inputs.images(category));
  const teacher = inputs.teacher();
  teacher.store.dispose();
  const cells = cellsOfSweep(sweep, data, teacher.source);
  return makePlan(cells, planOptions(sweep, inputs.runs));
}

const planOptions = ({ name, resources }: Pick<SweepFile, 'name' | 'resources'>, runs: string) => ({
  ...{ name, resources, runs, version: projectVersion(), estimate: estimator(runs) },
});

async function planOfExperiment(
  name: keyof typeof EXPERIMENTS,
  options: PlanCommandOptions,
): Promise<Plan> {
  const presets = chosenRows(name, options.rows);
  const images = await imagesOfRows(presets, options);
  const data = new Map(
    [...images].map(([key, { dataset }]) => [key, { dataset, sha256: dataChecksum(dataset) }]),
  );
  const cells = presets.flatMap((preset): PlannedCell[] => {
    const { teacher } = teacherOf(preset, options);
    teacher.store.dispose();
    const own = data.get(imagesKey(preset))!;
    return options.seeds.map((seed) => {
      const planned = planRuns(preset, {
        ...{ seed, epochs: options.epochs, preTrainingEpochs: options.preTrainingEpochs },
        trainImages: own.dataset.train.length,
      });
      return cellOfPreset(planned, own, teacher.source);
    });
  });
  const resources: Resources = { cpus: options.cpus, gpus: 0, memory: 3000 };
  return makePlan(cells, planOptions({ name, resources }, path.resolve(options.runs)));
}

function planText({ nodes, cells, rows, runs }: Plan): string {
  const { states } = statusOnDisk({ nodes, runs } as Plan);
  const lines = nodes.map((node) => [
    `${node.kind} ${node.name}`,
    states.get(node.id) ?? '',
    `${node.cpus}`,
    `${node.gpus}`,
    `${node.memory}`,
    node.seconds === null ? 'unknown' : duration(node.seconds),
  ]);
  const left = nodes.filter(({ id }) => states.get(id) !== 'finished');
  const known = left.flatMap(({ seconds }) => seconds ?? []);
  const unknown = left.length - known.length;
  const cost = known.reduce((total, seconds) => total + seconds, 0);
  return [
    numberText(['command', 'state', 'cores', 'GPUs', 'MB', 'estimate'], lines),
    '',
    `${rows.length} rows, ${cells.length} cells, ${nodes.length} commands; ${left.length} to run: about ` +
      `${duration(cost)} one after the other` +
      (unknown > 0 ? `, and ${unknown} of which nothing alike was measured` : scalingText(left)),
  ].join('\n');
}

/** What more workers would bring, up to as many as leave each something to do. */
function scalingText(left: Plan['nodes']): string {
  const open = new Set(left.map(({ id }) => id));
  const nodes = left.map((node) => ({ ...node, needs: node.needs.filter((id) => open.has(id)) }));
  return [2, 8, 32, 128]
    .filter((workers) => workers < left.length)
    .map((workers) => `, ${workers} at a time ${duration(makespan(nodes, { workers }).seconds)}`)
    .join('');
}

interface EngineOptions {
  on: 'local' | 'ray' | 'slurm';
  cpus?: number;
  gpus: number;
  memory?: number;
  address?: string;
  token?: string;
  runtimeEnv?: Record<string, unknown>;
  sbatch?: string[];
  inFlight: number;
}

function engineOf(options: EngineOptions): Engine {
  const { on, inFlight } = options;
  if (on === 'local') return engineNamed('local', options);
  if (on === 'slurm') return engineNamed('slurm', { inFlight, sbatch: options.sbatch });
  const address = options.address ?? process.env.RAY_ADDRESS;
  if (address === undefined || !URL.canParse(address) || !address.startsWith('http')) {
    throw new UsageError(
      `--address: expected the dashboard of a Ray cluster, e.g. http://127.0.0.1:8265, found ${address ?? 'none'}.`,
    );
  }
  const token = options.token ?? process.env.RAY_AUTH_TOKEN;
  return engineNamed('ray', { address, token, inFlight, runtimeEnv: options.runtimeEnv });
}

/** `stfpm sweep run` */
async function run(file: string, options: EngineOptions & { retries: number }): Promise<void> {
  const made = readPlan(file);
  const engine = engineOf(options);
  const progress = openProgress();
  const before = countOf(statusOnDisk(made), 'finished');
  const seconds = new Map(made.nodes.map((node) => [node.id, node.seconds]));
  let status: SweepStatus;
  let shown = '';
  try {
    status = await interruptible(
      (signal) =>
        coordinate(made, engine, {
          signal,
          retries: options.retries,
          onEvent: (text) => progress.line(text),
          onStatus: (now) => {
            const note = inWords(now);
            const left = secondsLeft(made, now, seconds, options);
            progress.update({
              ...{ name: 'Sweep', total: made.nodes.length, unit: 'commands' },
              ...{ done: countOf(now, 'finished'), doneBefore: before },
              note: left === null ? note : `${note}, estimate ${duration(left)}`,
            });
            if (note !== shown) progress.milestone(`Sweep: ${note}`);
            shown = note;
          },
        }),
      () => progress.line(engine.endsWithCoordinator ? 'Stopping all runs; they save ...' : ''),
    );
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    const rest = engine.endsWithCoordinator
      ? 'All runs are stopped and saved'
      : `The jobs on ${engine.name} go on (\`stfpm sweep cancel ${file} --on ${engine.name}\` stops them)`;
    throw new Interrupted(error.signal, `${rest}. The same command goes on from there.`);
  } finally {
    progress.stop();
  }
  tell(made, status);
  const open = made.nodes.length - countOf(status, 'finished');
  if (open > 0) throw new Error(`${open} of ${made.nodes.length} commands are not finished.`);
}

const STATES: readonly NodeState[] = [
  'finished',
  'running',
  'queued',
  'ready',
  'waiting',
  'failed',
  'blocked',
];

function countOf({ states }: SweepStatus, state: NodeState): number {
  return [...states.values()].filter((each) => each === state).length;
}

function inWords(status: SweepStatus): string {
  return STATES.flatMap((state) => {
    const count = countOf(status, state);
    return count > 0 ? [`${count} ${state}`] : [];
  }).join(', ');
}

/** By the plan's estimates; null where one of what is left has none. */
function secondsLeft(
  { nodes }: Plan,
  { states }: SweepStatus,
  seconds: ReadonlyMap<string, number | null>,
  { on, cpus, inFlight }: EngineOptions,
): number | null {
  const left = nodes.filter(({ id }) =>
    ['running', 'queued', 'ready', 'waiting'].includes(states.get(id) ?? 'waiting'),
  );
  if (left.some(({ id }) => seconds.get(id) === null)) return null;
  const total = left.reduce((sum, { id, cpus: own }) => {
    const share = on === 'local' ? own / (cpus ?? os.availableParallelism()) : 1;
    return sum + seconds.get(id)! * share;
  }, 0);
  return on === 'local' ? total : total / Math.min(inFlight, Math.max(1, left.length));
}

/** `stfpm sweep cancel` */
async function cancel(file: string, options: EngineOptions): Promise<void> {
  const made = readPlan(file);
  const engine = engineOf(options);
  await engine.open();
  let count = 0;
  for (const node of made.nodes) {
    const submission = readSubmission(made, node);
    if (!submission || submission.failed !== undefined || submission.engine !== engine.name)
      continue;
    const state = (await engine.states([submission])).get(submission.id);
    if (state !== 'ended') {
      await engine.cancel(submission);
      count++;
    }
    writeSubmission(made, node, { ...submission, failed: 'stopped' });
  }
  say(`Asked ${count} runs to stop.`);
}

/** `stfpm sweep table` */
async function table(
  file: string,
  { out, mlflow }: { out?: string; mlflow?: string },
): Promise<void> {
  const made = readPlan(file);
  const status = statusOnDisk(made);
  tell(made, status);
  if (mlflow !== undefined) say(`Written: ${writeMlflow(mlflow, made, status)} runs in ${mlflow}`);
  if (out === undefined) return;
  const all = sweepTable(made, status);
  const { table: shown, notes, missing, against } = all;
  const markdown = [
    numberTable(shown.head, shown.rows).toMarkdown(),
    notes.map((note, i) => `${i + 1}. ${note}`).join('\n'),
    missing.length > 0
      ? ['Not in the table:', '```', ...missing, '```'].join('\n')
      : 'The table is complete.',
    ...(against ? [numberTable(against.head, against.rows).toMarkdown(), against.note] : []),
  ].filter((part) => part !== '');
  const files = {
    'table.md': `${markdown.join('\n\n')}\n`,
    'table.csv': formatCsv(sweepCsv(made, status)),
    'table.html': await sweepPage(made.name, all),
  };
  for (const [name, content] of Object.entries(files)) {
    writeFileAtomic(path.join(out, name), content);
  }
  say(
    `Written: ${Object.keys(files)
      .map((name) => path.join(out, name))
      .join(', ')}`,
  );
}

function tell(made: Plan, status: SweepStatus): void {
  const { table: shown, notes, missing, against } = sweepTable(made, status);
  print(numberText(shown.head, shown.rows));
  for (const [i, note] of notes.entries()) print(`(${i + 1}) ${note}`);
  if (against) print(`\n${numberText(against.head, against.rows)}\n${against.note}`);
  if (missing.length > 0) print(`\nNot in the table:\n${missing.join('\n')}`);
}

/** `stfpm sweep watch` */
async function watch(
  file: string,
  { seconds, once }: { seconds: number; once?: boolean },
): Promise<void> {
  const made = readPlan(file);
  await interruptible(async (signal) => {
    let before = '';
    for (;;) {
      const status = statusOnDisk(made);
      const lines = made.nodes.flatMap((node) =>
        status.states.get(node.id) === 'running' ? [`  ${node.kind} ${node.name}`] : [],
      );
      const text = [inWords(status), ...lines].join('\n');
      if (text !== before) print(text);
      before = text;
      const isOpen = STATES.slice(1, 5).some((state) => countOf(status, state) > 0);
      if (once || !isOpen || signal.aborted) return;
      await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
    }
  });
}
