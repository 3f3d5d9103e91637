import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'fs';
import * as os from 'os';
import * as path from 'path';
import { Command } from 'commander';
import { growthChart } from './growth-chart';
import type { MeasuredPoint } from './growth-chart';
import { growthPoints, usualSizes, valueOnAxis } from './growth-points';
import type { GrowthPoint } from './growth-points';
import { inputFiles } from './input-files';
import { describeMachine } from './machine';
import { OPTIMISER } from './training-rows';
import { labCommand } from './programs';
import { spread } from './spread';
import { Subject } from './subject';

/** How the lab's own time and memory grow with the work: `node -r ./test/register.cjs bench/growth.ts`. */

const WARM_UPS = 2;

async function measure(point: GrowthPoint, rounds: number): Promise<MeasuredPoint> {
  const threads = os.availableParallelism();
  const temporary = mkdtempSync(path.join(os.tmpdir(), 'stfpm-growth-'));
  try {
    const files = inputFiles(temporary);
    const { size, batch, images, featureMemory } = point;
    const { subject: writer } = await Subject.start('input files', labCommand(), {
      workload: 'inputs',
      threads,
      ...files,
      count: images,
      size,
      scoredImages: 1,
    });
    await writer.run(1);
    await writer.stop();
    // A process for each point, whose peak is that of this point alone.
    const worker = point.workload === 'inference' ? 'inference-worker.ts' : 'worker.ts';
    const { subject } = await Subject.start(point.series, labCommand(worker), {
      workload: point.workload,
      threads,
      ...files,
      ...OPTIMISER,
      size,
      batch,
      featureMemory,
    });
    try {
      await subject.run(WARM_UPS);
      const { seconds } = await subject.run(rounds);
      const { peakBytes } = await subject.stop();
      return {
        ...point,
        millisecondsPerImage: (spread(seconds).median * 1000) / batch,
        peakGigabytes: peakBytes / 1e9,
      };
    } finally {
      subject.kill();
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const { out, rounds, quick } = new Command()
    .description('Measures time and memory of training steps and inference over their sizes.')
    .option('--out <folder>', 'where growth.json, .svg and .png go', path.join(__dirname, 'out'))
    .option('--rounds <n>', 'repetitions of each point', '5')
    .option('--quick', 'small sizes: a look', false)
    .parse()
    .opts<{ out: string; rounds: string; quick: boolean }>();
  const machine = describeMachine();
  const points: MeasuredPoint[] = [];
  for (const point of growthPoints(quick)) {
    const measured = await measure(point, Number(rounds));
    console.log(
      `${point.series}, ${point.axis} ${valueOnAxis(point)}: ` +
        `${measured.millisecondsPerImage.toFixed(1)} ms an image, ${measured.peakGigabytes.toFixed(2)} GB`,
    );
    points.push(measured);
  }
  mkdirSync(out, { recursive: true });
  const date = new Date().toISOString();
  writeFileSync(
    path.join(out, 'growth.json'),
    `${JSON.stringify({ date, machine, points }, null, 2)}\n`,
  );
  const chart = await growthChart(
    points,
    `${machine.processor}, ${machine.cores} cores; ${usualSizes(quick)}`,
  );
  for (const type of ['svg', 'png'])
    console.log(await chart.save(path.join(out, `growth.${type}`)));
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
