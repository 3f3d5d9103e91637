import * as path from 'path';
import { isDeepStrictEqual } from 'util';
import { isFolder } from '../../lib/data/folder';
import type { TeacherSource } from '../../lib/models/teacher';
import { jointConfig } from '../../lib/training/config';
import { epochsOf } from '../../lib/runs/run-config';
import { requireDetectorRun } from '../../lib/runs/open-run';
import type { DetectorRunConfig } from '../../lib/runs/open-run';
import { RunFolder } from '../../lib/training/run-folder';
import { isOwnSynthetic, isSynthetic } from '../inputs/images';
import { runsHere } from '../runs/find-run';

/** The two runs that the paper's figures compare, as folders. */
export interface ComparedRuns {
  joint: string;
  baseline: string;
}

interface FinishedRun {
  folder: string;
  config: DetectorRunConfig;
}

/**
 * The runs of a category for the paper's figures: joint training and baseline on the same images with the same teacher.
 * Of several, those on real images, with the ImageNet teacher, of equal length, with the paper's settings, and the
 * longest come first.
 *
 * @param chosen what the user named; the other is looked for to go with it
 * @param folders where to look; those below runs/ by default
 * @throws Error saying which is missing and what trains it
 */
export function findComparedRuns(
  category: string,
  chosen: Partial<ComparedRuns>,
  folders: readonly string[] = runsHere(),
): ComparedRuns {
  const finished = folders.flatMap((folder) => finishedRun(folder, category));
  const candidates = (recipe: 'joint' | 'baseline'): FinishedRun[] => {
    const named = chosen[recipe];
    if (named !== undefined) {
      return [{ folder: named, config: requireDetectorRun(new RunFolder(named)) }];
    }
    return finished.filter(({ config }) => config.config.recipe === recipe);
  };
  const [joints, baselines] = [candidates('joint'), candidates('baseline')];
  const pairs = joints.flatMap((joint) =>
    baselines.flatMap((baseline) => (areComparable(joint, baseline) ? [{ joint, baseline }] : [])),
  );
  const [best] = pairs.sort((a, b) =>
    compareRanks(rank(b.joint, b.baseline), rank(a.joint, a.baseline)),
  );
  if (best) return { joint: best.joint.folder, baseline: best.baseline.folder };
  const preset = category === 'bottle' ? 'bottle-001' : 'leather-004';
  throw new Error(
    `runs: expected a finished joint run and a finished baseline of ${category}, with the same images, ` +
      `image size and teacher; found ${joints.length} joint and ${baselines.length} baseline runs. ` +
      `\`stfpm reproduce table2 --rows ${preset},baseline-${category}\` trains them, and so do the ` +
      'notebooks in their quick profile. --joint and --baseline name runs elsewhere.',
  );
}

function finishedRun(folder: string, category: string): FinishedRun[] {
  const run = new RunFolder(folder);
  if (!run.finished) return [];
  try {
    const config = requireDetectorRun(run);
    const { root } = config.dataset;
    const hasImages = isFolder(path.join(root, category)) || isOwnSynthetic(root);
    return config.config.category === category && hasImages ? [{ folder, config }] : [];
  } catch {
    // A pre-training, or a folder that is not a run of this version.
    return [];
  }
}

function areComparable({ config: a }: FinishedRun, { config: b }: FinishedRun): boolean {
  return (
    path.resolve(a.dataset.root) === path.resolve(b.dataset.root) &&
    isDeepStrictEqual(a.config.imageSize, b.config.imageSize) &&
    a.config.fit === b.config.fit &&
    a.config.tileOverlap === b.config.tileOverlap &&
    isDeepStrictEqual(a.config.roi, b.config.roi) &&
    a.config.augmentedImages === b.config.augmentedImages &&
    a.teacher.kind === b.teacher.kind &&
    a.teacher.sha256 === b.teacher.sha256 &&
    a.teacher.seed === b.teacher.seed
  );
}

/** From the least to the most telling one. */
const TEACHERS: readonly TeacherSource['kind'][] = ['random', 'embedded', 'file'];

/** What makes a pair the better one to show, the most important first. */
function rank({ config: joint }: FinishedRun, { config: baseline }: FinishedRun): number[] {
  const { category, imageSize, seed, augmentedImages } = joint.config;
  const epochs = epochsOf(joint.config);
  const usual = jointConfig({ category, epochs, imageSize, seed, augmentedImages });
  const hasPaperSettings = isDeepStrictEqual(
    { ...joint.config, divergenceFactor: 0 },
    { ...usual, divergenceFactor: 0 },
  );
  return [
    Number(!isSynthetic(joint.dataset.root)),
    TEACHERS.indexOf(joint.teacher.kind),
    Number(hasPaperSettings),
    Number(epochsOf(baseline.config) === epochs),
    Number(baseline.config.seed === seed),
    epochs,
    -seed,
  ];
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  const first = a.findIndex((value, i) => value !== b[i]);
  return first < 0 ? 0 : a[first] - b[first];
}
