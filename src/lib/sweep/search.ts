import * as path from 'path';
import { loadFrames } from '../data/load-frames';
import type { Dataset } from '../data/sample';
import type { Teacher } from '../models/teacher';
import { sizeOf } from '../models/side-or-size';
import { epochsOf, learningSeconds, readRunConfig } from '../runs/run-config';
import { measureOnMadeUp, withMadeUpDefects } from '../runs/made-up-defects';
import type { JudgedImages } from '../runs/made-up-defects';
import { openRun } from '../runs/open-run';
import { trainDetector, usedImages } from '../runs/train-detector';
import type { TrainDetectorOptions } from '../runs/train-detector';
import { RunFolder } from '../training/run-folder';
import { TrainingDivergedError } from '../training/train';
import { takeLease } from '../files/lease';
import type { Lease } from '../files/lease';
import { openStudy } from './optuna';
import type { Study, StudyTrial } from './optuna';
import { cellsOfSweep, makePlan } from './plan';
import type { PlanNode } from './plan';
import { dimensionsOf, firstOf, settingsOfTrial, sweepOf } from './search-file';
import type { SearchFile } from './search-file';

/** A training step may keep a process from saying that it is alive for longer than a coordinator is silent. */
const TRIAL_LEASE = { beat: 5000, stale: 60_000 };

/** Images of a category, with the checksum of all of them (`dataChecksum`). */
export interface SearchData {
  dataset: Dataset;
  sha256: string;
}

export interface SearchOptions {
  /** Of the whole search, with those of other processes. */
  trials: number;
  /** A Python that has Optuna. */
  python: string;
  /** The folder of the run folders, absolute. */
  runs: string;
  /** The lab's version. */
  version: string;
  signal?: AbortSignal;
  onTrial?: (number: number, settings: Record<string, unknown>) => void;
  onResult?: (trial: StudyTrial) => void;
  train?: Pick<TrainDetectorOptions, 'onPrepare' | 'onStep'>;
}

/**
 * Searches settings: Optuna proposes them (TPE; the settings without a search come first), and each is trained and
 * measured on good images that were held out and on made-up defects on them; nothing is learnt
 * or chosen by test images.
 * The value is the mean of image AUROC on both kinds of made-up defects and pixel AP on the kind that no method learns
 * from. A training whose loss on the held-out images is above the median of the others after as many epochs is given up.
 * Several processes, on all machines that see the folder, may work on one search; what one that was killed left is gone
 * on with.
 *
 * @returns all trials so far
 * @throws Error when the Python has no Optuna, or the folder holds another search of this name; RangeError for a method
 *   without maps, or images on which no defect can be made up; the signal's reason
 */
export async function searchSettings(
  search: SearchFile,
  data: SearchData,
  teacher: Teacher,
  options: SearchOptions,
): Promise<StudyTrial[]> {
  const { runs, version, signal } = options;
  const plan = (settings: Record<string, unknown>): PlanNode[] =>
    makePlan(
      cellsOfSweep(
        sweepOf(search, { trial: settings }),
        new Map([[search.category, data]]),
        teacher.source,
      ),
      { name: search.name, version, runs, resources: { cpus: 1, gpus: 0, memory: 1 } },
    ).nodes.filter(({ kind }) => kind === 'train');
  const own = (name: string) => path.join(runs, '.search', `${search.name}${name}`);
  const askLease = await takeLease(own('.lease'), 'opens this search', {
    patience: signal ?? NEVER,
  });
  let study: Study;
  try {
    const space = dimensionsOf(search);
    const usual = plan({}).map(({ id }) => id);
    study = await openStudy(options.python, {
      ...{ file: own('.journal'), name: search.name, space, seed: search.seed },
      ...{ of: JSON.stringify({ space, usual }), first: firstOf(search) },
    });
  } finally {
    askLease.release();
  }
  const judge = judging(search, data);
  try {
    for (;;) {
      const next = await nextTrial(study, own, options);
      if (next === null) return await study.trials();
      const { trial, lease } = next;
      try {
        await tryOut(trial);
      } finally {
        lease.release();
      }
    }
  } finally {
    await study.close();
  }

  async function tryOut({ number, params }: Pick<StudyTrial, 'number' | 'params'>): Promise<void> {
    const settings = settingsOfTrial(search, params);
    options.onTrial?.(number, settings);
    const end = async (
      state: 'complete' | 'pruned' | 'fail',
      value: number | null,
      notes: Record<string, unknown>,
    ) => {
      await study.tell(number, state, value, notes);
      options.onResult?.((await study.trials()).find((each) => each.number === number)!);
    };
    try {
      const nodes = plan(settings);
      const node = nodes.at(-1)!;
      const preTraining = nodes.length > 1 ? nodes[0] : null;
      if (preTraining && (await learn(preTraining, {})) !== 'finished') throw signal?.reason;
      const learnt = await learn(node, {
        autoEncoderFile: preTraining?.output,
        reportTo: (epoch, loss) => study.report(number, epoch, loss),
      });
      const run = path.dirname(node.output);
      if (learnt === 'hopeless') return await end('pruned', null, { run: node.name });
      const { detector } = openRun(run, teacher.source.file);
      try {
        const { result } = await measureOnMadeUp(detector, await judge(run, signal), signal);
        const { imageAuroc, pixelAp, interval } = result;
        if (pixelAp === null)
          throw new RangeError(`${search.method}: expected a method with maps.`);
        const seconds = learningSeconds(new RunFolder(run));
        const notes = { run: node.name, imageAuroc, pixelAp, interval, seconds };
        await end('complete', (imageAuroc + pixelAp) / 2, notes);
      } finally {
        await detector.dispose();
      }
    } catch (error) {
      if (!(error instanceof TrainingDivergedError)) throw error;
      await end('fail', null, { why: error.message });
    }
  }

  /** One node at a time has its folder: trials with equal settings, or the same pre-training, share it. */
  async function learn(
    node: PlanNode,
    {
      autoEncoderFile,
      reportTo,
    }: {
      autoEncoderFile?: string;
      reportTo?: (epoch: number, loss: number) => Promise<boolean>;
    },
  ): Promise<'finished' | 'hopeless'> {
    const lease = await takeLease(
      path.join(runs, '.search', `${node.id}.lease`),
      'trains this run',
      {
        ...TRIAL_LEASE,
        patience: signal ?? NEVER,
      },
    );
    const hopeless = new AbortController();
    const reports: Promise<void>[] = [];
    try {
      const all = signal ? AbortSignal.any([signal, hopeless.signal]) : hopeless.signal;
      const result = await trainDetector(
        node.config,
        { ...data.dataset, test: [] },
        teacher,
        path.dirname(node.output),
        {
          ...options.train,
          ...{ autoEncoderFile, signal: all },
          onEpoch: ({ epoch, validation }) => {
            if (validation === undefined || !reportTo) return;
            const report = reportTo(epoch, validation).then((prune) => {
              // After the last one there is nothing left to save.
              if (prune && epoch < epochsOf(node.config)) hopeless.abort(new Error('hopeless'));
            });
            report.catch(() => {});
            reports.push(report);
          },
        },
      );
      await Promise.all(reports);
      if (result.status === 'finished') return 'finished';
    } catch (error) {
      if (!hopeless.signal.aborted) throw error;
    } finally {
      lease.release();
    }
    signal?.throwIfAborted();
    return 'hopeless';
  }
}

const NEVER = new AbortController().signal;

/** The held-out images with made-up defects: the same for all trials, made once. */
function judging(search: SearchFile, { dataset }: SearchData) {
  let judged: Promise<JudgedImages> | undefined;
  return (run: string, signal: AbortSignal | undefined): Promise<JudgedImages> => {
    judged ??= (async () => {
      // With what the training found in the images.
      const { config } = readRunConfig(new RunFolder(run));
      const { heldOut } = usedImages(config, dataset);
      const { imageSize, fit, valueRange, roi } = config;
      const size = sizeOf(imageSize);
      const frames = await loadFrames(heldOut, { size, fit, valueRange, roi, signal });
      return withMadeUpDefects(frames, search.seed, signal);
    })();
    return judged;
  };
}

/** A trial that nobody works on, or a new one; null when there are as many as asked for. */
async function nextTrial(
  study: Study,
  own: (name: string) => string,
  { trials, signal }: SearchOptions,
): Promise<{ trial: Pick<StudyTrial, 'number' | 'params'>; lease: Lease } | null> {
  // Between asking for a trial and its lease nobody else may look.
  const asking = await takeLease(own('.lease'), 'asks for settings', { patience: signal ?? NEVER });
  try {
    signal?.throwIfAborted();
    const leaseOf = (number: number) =>
      takeLease(own(`-${number}.lease`), 'works on this trial', TRIAL_LEASE);
    const found = await study.trials();
    for (const trial of found.filter(({ state }) => state === 'running')) {
      const lease = await leaseOf(trial.number).catch(() => null);
      if (lease) return { trial, lease };
    }
    if (found.length >= trials) return null;
    const trial = await study.ask();
    return { trial, lease: await leaseOf(trial.number) };
  } finally {
    asking.release();
  }
}
