import { mkdtempSync, rmSync } from 'fs';
import * as os from 'os';
import * as path from 'path';
import { Command, Option } from 'commander';
import { ELEMENT_TYPES } from '../src/lib/engine/index';
import type { ElementType } from '../src/lib/engine/index';
import { flameGraph } from './flame-graph';
import { inputFiles } from './input-files';
import { callTree, profiled } from './js-profile';
import { inferenceTensorFlow } from './lab/inference-tensorflow';
import { inputs } from './lab/inputs';
import { joint } from './lab/joint';
import { timeOps } from './lab/op-timer';
import { preTraining } from './lab/pre-training';
import { training } from './lab/training';
import { OPTIMISER } from './training-rows';

/** Where the lab's own time goes, by op: `node -r ./test/register.cjs bench/profile.ts`. */

interface Options {
  work: keyof typeof WORK;
  batch: string;
  size: string;
  precision: ElementType;
  repeats: string;
  shapes: boolean;
  flame?: string;
}

const WARM_UPS = 2;

const WORK = { training, 'pre-training': preTraining, joint, inference: inferenceTensorFlow };

function parseOptions(): Options {
  return new Command()
    .description('Times every call into TensorFlow during training steps or inference.')
    .addOption(
      new Option('--work <kind>', 'what to profile').choices(Object.keys(WORK)).default('training'),
    )
    .option('--batch <n>', 'images in a step', '32')
    .option('--size <pixels>', 'side of the images', '256')
    .addOption(
      new Option('--precision <name>', 'what a training step computes in')
        .choices(ELEMENT_TYPES)
        .default('float32'),
    )
    .option('--repeats <n>', 'steps to average', '5')
    .option('--shapes', 'tell ops apart by the shape of their output', false)
    .option('--flame <file>', 'draw a flame graph of the JavaScript side, .svg or .png')
    .parse()
    .opts<Options>();
}

async function main(): Promise<void> {
  const options = parseOptions();
  const [batch, size, repeats] = [options.batch, options.size, options.repeats].map(Number);
  const temporary = mkdtempSync(path.join(os.tmpdir(), 'stfpm-profile-'));
  try {
    const files = inputFiles(temporary);
    const common = { do: 'start' as const, workload: '', threads: os.availableParallelism() };
    const writer = await inputs({ ...common, ...files, count: batch, size, scoredImages: 1 });
    await writer.repeat();
    const { repeat } = await WORK[options.work]({
      ...{ ...common, ...files, ...OPTIMISER },
      ...{ batch, size, precision: options.precision },
    });
    const times = timeOps(options.shapes);
    for (let i = 0; i < WARM_UPS; i++) await repeat();
    times.clear();
    const usage = process.cpuUsage();
    const begin = performance.now();
    const work = async () => {
      for (let i = 0; i < repeats; i++) await repeat();
    };
    const profile = options.flame ? await profiled(work) : await work();
    const total = (performance.now() - begin) / 1000;
    const { user, system } = process.cpuUsage(usage);

    const perImage = (seconds: number) => ((seconds * 1000) / repeats / batch).toFixed(3);
    const line = (name: string, calls: number, seconds: number) =>
      console.log(
        `${name.padEnd(44)} ${String(calls / repeats).padStart(6)} ${perImage(seconds).padStart(9)} ` +
          `${((seconds / total) * 100).toFixed(1).padStart(6)} %`,
      );
    console.log(`${'op'.padEnd(44)}  calls  ms/image   share`);
    let native = 0;
    for (const [op, { calls, seconds }] of [...times].sort((a, b) => b[1].seconds - a[1].seconds)) {
      native += seconds;
      line(op, calls, seconds);
    }
    line('(JavaScript)', 0, total - native);
    line('(all)', 0, total);
    console.log(
      `processor time: ${perImage(user / 1e6)} ms/image in programs, ` +
        `${perImage(system / 1e6)} ms/image in the kernel`,
    );
    if (profile && options.flame) {
      const title = `Where the JavaScript side of a step goes: ${options.work}`;
      const chart = await flameGraph(callTree(profile), repeats * batch, title);
      console.log(`Written: ${await chart.save(options.flame)}`);
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
