/**
 * Makes the embedded teacher: `node -r ./test/register.cjs environment/teacher/make-teacher.ts`, after
 * collect-pictures.py. It takes hours on two cores; Ctrl-C saves, and the same command goes on.
 */
import * as fs from 'fs';
import * as path from 'path';
import { loadRgb } from '../../src/lib/data/image';
import type { RgbImage } from '../../src/lib/data/image';
import { cosine, distil } from './distil';
import type { DistillationStage } from './distil';
import type { PictureGroup } from './views';
import { loadTeacher } from '../../src/lib/models/teacher';
import { writeSafetensors } from '../../src/lib/weights/safetensors';

const PICTURES = path.join('.cache', 'teacher-pictures');
const FOLDER = path.join('runs', 'embedded-teacher');
const SEED = 0;

/** A longer distillation was begun, and cut short after its first stage. */
const BEGUN = { steps: 1086, of: 4500 };
const STEPS = 3200;
const STAGES: readonly DistillationStage[] = [
  { until: BEGUN.steps, batchSize: 32, side: 128, levelwise: true },
  { until: 2600, batchSize: 32, side: 128 },
  { until: STEPS, batchSize: 8, side: 256, frozenStatistics: true },
];

const LEARNING_RATE = 4e-3;
const [begun, rest] = [cosine(LEARNING_RATE, BEGUN.of), cosine(LEARNING_RATE, STEPS)];
const learningRate = (step: number): number => (step < BEGUN.steps ? begun(step) : rest(step));

/** How often each kind of picture is taken. */
const WEIGHTS: Record<string, number> = { panorama: 3, matcap: 2, photograph: 5 };

async function readPictures(): Promise<PictureGroup[]> {
  const groups = new Map<string, RgbImage[]>();
  for (const name of fs.readdirSync(PICTURES).sort()) {
    if (!name.endsWith('.png')) continue;
    const kind = /^pmndrs-(panorama|matcap)/.exec(name)?.[1] ?? 'photograph';
    groups.set(kind, [...(groups.get(kind) ?? []), await loadRgb(path.join(PICTURES, name))]);
  }
  return [...groups].map(([kind, pictures]) => ({ weight: WEIGHTS[kind], pictures }));
}

async function main(): Promise<void> {
  const weights = process.env.RESNET18_WEIGHTS;
  if (!weights) throw new Error('RESNET18_WEIGHTS: expected the ImageNet weights to distil.');
  const teacher = loadTeacher(weights);
  const groups = await readPictures();
  fs.mkdirSync(FOLDER, { recursive: true });
  const log = path.join(FOLDER, 'metrics.jsonl');
  let [sum, count, seconds] = [0, 0, 0];
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());

  const arrays = await distil(teacher.store, groups, FOLDER, {
    stages: STAGES,
    learningRate,
    seed: SEED,
    signal: stop.signal,
    onStep: (step, loss, time) => {
      [sum, count, seconds] = [sum + loss, count + 1, seconds + time];
      if (step % 50 !== 0) return;
      const record = {
        step,
        loss: +(sum / count).toFixed(5),
        seconds: +(seconds / count).toFixed(3),
      };
      fs.appendFileSync(log, `${JSON.stringify(record)}\n`);
      console.log(`step ${step} of ${STEPS}: loss ${record.loss} (${record.seconds} s a step)`);
      [sum, count, seconds] = [0, 0, 0];
    },
  });
  if (arrays === null) {
    console.log(`Interrupted; the same command goes on from ${FOLDER}.`);
    return;
  }
  const file = path.join(FOLDER, 'resnet18-embedded.safetensors');
  const metadata = {
    distilledFrom: teacher.source.sha256 ?? '',
    steps: `${STEPS}`,
    seed: `${SEED}`,
  };
  writeSafetensors(file, arrays, metadata, { half: true });
  console.log(file);
}

void main();
