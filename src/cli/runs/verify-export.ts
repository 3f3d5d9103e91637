import { isDeepStrictEqual } from 'util';
import { createTensorFlowDetector } from '../../lib/anomaly-map/detect';
import type { AnomalyDetector } from '../../lib/anomaly-map/detect';
import { withinRegion } from '../../lib/anomaly-map/detection';
import type { Detection } from '../../lib/anomaly-map/detection';
import { imageOf } from '../../lib/data/image';
import { isDefective } from '../../lib/anomaly-map/threshold';
import { engineVersions } from '../../lib/engine/index';
import { readDetectorMetadata } from '../../lib/onnx/metadata';
import type { DetectorMetadata } from '../../lib/onnx/metadata';
import { createOnnxDetector } from '../../lib/onnx/onnx-detector';
import { openPythonDetector } from '../../lib/onnx/python-runtime';
import { onnxRuntimeVersion } from '../../lib/onnx/runtime';
import { exportRun } from '../../lib/runs/export-run';
import { loadDetector, openRun } from '../../lib/runs/open-run';
import { pageSettings } from '../../viz/inspect/inspect-page';
import type { PageSettings } from '../../viz/inspect/inspect-page';
import { modelOfPage } from '../../viz/inspect/model-of-page';
import { judgeImages } from '../inputs/images-to-judge';
import type { ImageToJudge, JudgeImagesOptions, Judgement } from '../inputs/images-to-judge';
import { FileError } from '../../lib/files/file-error';
import { MAX_MODEL_BYTES } from '../../lib/files/limits';
import { readRegularFileSync } from '../../lib/files/read-file';

/** The most that a score and a map may differ, as a share of themselves: float32 in another order of sums stays below it. */
export const BOUND = 1e-4;

/** The largest difference over all pictures. */
export interface LargestDifference {
  /** As a share of the larger of two scores, or of the largest value of two maps. Infinity where they do not compare. */
  relative: number;
  absolute: number;
  /** Of which picture; null while all are equal. */
  file: string | null;
}

/** What a runtime makes of the exported file, beside the run. */
export interface RuntimeRow {
  runtime: string;
  /** Why it was not tried; then there is nothing else. */
  missing?: string;
  images: number;
  score: LargestDifference;
  /** Null for a detector without maps. */
  map: LargestDifference | null;
  /** Pictures that are good here and defective there; null where run and file have no threshold. */
  flips: string[] | null;
}

/** A setting in the file's metadata that is not the run's. */
export interface SettingDifference {
  setting: string;
  run: unknown;
  file: unknown;
}

export interface Verification {
  /** The most that a score may differ: `BOUND`, or of a file in integers what it was written to keep to. */
  bound: number;
  /** The same for a map: in integers twice as much, for all of its pixels count and not the largest alone. */
  mapBound: number;
  /** Whether the file is, byte by byte, what `stfpm export` would write of the run now; null of a page, and of integers. */
  identical: boolean | null;
  settings: SettingDifference[];
  /** What the run itself is computed by. */
  reference: string;
  rows: RuntimeRow[];
  /** Pictures that could not be judged, by the run or by the file. */
  failed: { file: string; error: string }[];
}

export interface VerifyOptions {
  /** Where the teacher's weights are now. */
  teacherFile?: string;
  /** A Python with the package onnxruntime, or why there is none. */
  python: { program: string } | { missing: string };
  /** Where each image's region of interest lies, where each has its own. */
  regions?: JudgeImagesOptions['regions'];
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/**
 * An exported file against the run that it came from: the run computed by TensorFlow from its own settings, the file by
 * ONNX Runtime from what its metadata says. Each reads the pictures by itself. Of a page it is the model inside, with
 * the page's settings.
 *
 * @throws FileError for a file that is no exported detector
 */
export async function verifyExport(
  file: string,
  folder: string,
  images: readonly ImageToJudge[],
  { teacherFile, python, regions, signal, onProgress }: VerifyOptions,
): Promise<Verification> {
  const { bytes, page } = readExported(file);
  const metadata = readDetectorMetadata(bytes, file);
  const { productResolution } = metadata;
  const wanted = exportRun(folder, teacherFile, productResolution);
  const ofRun = readDetectorMetadata(wanted, folder);
  const { quantisation } = metadata;
  const wantedSettings = quantisation ? asQuantised(ofRun, metadata) : ofRun;
  const settings = settingDifferences(wantedSettings, metadata);
  if (page)
    settings.push(...differences({ ...pageSettings(wantedSettings) }, { ...page }, 'page.'));

  const exported = await createOnnxDetector(bytes, file);
  const reference = openReference(folder, productResolution, teacherFile);
  const inNode = new Comparison(`ONNX Runtime ${onnxRuntimeVersion()} in Node.js`);
  const inOther = await openPython(python, bytes, exported);
  const inPython = new Comparison(inOther.name);
  const failed: Verification['failed'] = [];
  try {
    const byRun = judgeImages(reference, images, { signal, regions });
    const byFile = judgeImages(exported, images, { signal, regions });
    const byPython =
      'detector' in inOther ? judgeImages(inOther.detector, images, { signal, regions }) : null;
    for (const [done, { name }] of images.entries()) {
      onProgress?.(done, images.length);
      const next = async (judged: typeof byRun) => (await judged.next()).value as Judgement;
      const [expected, found] = [await next(byRun), await next(byFile)];
      const inTurn = byPython && (await next(byPython));
      const error = [expected, found, inTurn].find((judged) => judged && 'error' in judged);
      if (error && 'error' in error) {
        failed.push({ file: name, error: error.error.message });
        continue;
      }
      const run = { ...expected, threshold: thresholdOf(reference) } as Judged;
      inNode.add(name, run, { ...found, threshold: thresholdOf(exported) } as Judged);
      if (!('detector' in inOther) || !inTurn) continue;
      inPython.add(name, run, { ...inTurn, threshold: inOther.threshold } as Judged);
    }
    onProgress?.(images.length, images.length);
  } finally {
    await exported.dispose();
    await reference.dispose();
    if ('detector' in inOther) await inOther.detector.dispose();
  }
  return {
    bound: quantisation?.maxChange ?? BOUND,
    mapBound: quantisation ? 2 * quantisation.maxChange : BOUND,
    identical: page || quantisation ? null : Buffer.from(bytes).equals(wanted),
    settings,
    reference: `TensorFlow ${engineVersions().tensorflow}`,
    rows: [
      inNode.row(),
      'missing' in inOther ? { ...inPython.row(), missing: inOther.missing } : inPython.row(),
    ],
    failed,
  };
}

/** Whether a row shows the same detector; one that was not tried shows nothing against it. */
export function agrees(
  { missing, score, map, flips }: RuntimeRow,
  { bound, mapBound }: Pick<Verification, 'bound' | 'mapBound'>,
): boolean {
  if (missing !== undefined) return true;
  return (
    score.relative <= bound &&
    (map === null || map.relative <= mapBound) &&
    (flips === null || flips.length === 0)
  );
}

/**
 * The run's settings with what a file in integers has of its own: the threshold is one of its scores, where both have one.
 */
function asQuantised(run: DetectorMetadata, file: DetectorMetadata): DetectorMetadata {
  const { precision, quantisation } = file;
  const threshold = run.threshold && file.threshold ? file.threshold : run.threshold;
  return { ...run, precision, quantisation, threshold };
}

interface Exported {
  bytes: Uint8Array;
  /** What a page knows besides its model; null of another file. */
  page: PageSettings | null;
}

function readExported(file: string): Exported {
  const bytes = readRegularFileSync(file, MAX_MODEL_BYTES, (found, cause) => {
    throw new FileError(file, 'an exported detector', found, { cause });
  });
  if (!/\.html?$/i.test(file)) return { bytes, page: null };
  const { model, detector } = modelOfPage(bytes, file);
  return { bytes: model, page: detector };
}

/** Settings that the run has and the file has otherwise. Of the training's settings those that both know. */
function settingDifferences(run: DetectorMetadata, file: DetectorMetadata): SettingDifference[] {
  const { config: ofRun, ...runSettings } = run;
  const { config: ofFile, ...fileSettings } = file;
  const shared = Object.entries(ofRun ?? {}).filter(
    ([name]) => ofFile && name in ofFile && !(name in runSettings),
  );
  return [
    ...differences(runSettings, fileSettings),
    ...differences(Object.fromEntries(shared), ofFile ?? {}, 'config.'),
  ];
}

function differences(
  run: Readonly<Record<string, unknown>>,
  file: Readonly<Record<string, unknown>>,
  prefix = '',
): SettingDifference[] {
  // A setting that a file is too old to have is as good as null.
  return Object.keys(run)
    .filter((name) => !isDeepStrictEqual(run[name] ?? null, file[name] ?? null))
    .map((name) => ({ setting: prefix + name, run: run[name], file: file[name] }));
}

/** The run in TensorFlow, its maps multiplied where the file's are. */
function openReference(
  folder: string,
  productResolution: DetectorMetadata['productResolution'],
  teacherFile: string | undefined,
): AnomalyDetector {
  if (productResolution === 'image') return openRun(folder, teacherFile).detector;
  const { detector } = loadDetector(folder, teacherFile);
  return createTensorFlowDetector(detector, { ...detector, productResolution, threshold: null });
}

const thresholdOf = ({ threshold }: AnomalyDetector) => threshold?.value ?? null;

type OpenedPython = { name: string } & (
  { detector: AnomalyDetector; threshold: number | null } | { missing: string }
);

/** Python judges what the detector sees, squares or tiles; how pictures become that is the lab's in any case. */
async function openPython(
  python: VerifyOptions['python'],
  model: Uint8Array,
  exported: AnomalyDetector,
): Promise<OpenedPython> {
  const name = 'ONNX Runtime in Python';
  if ('missing' in python) return { name, missing: python.missing };
  const { versions, threshold, ...inPython } = await openPythonDetector(python.program, model);
  const detector: AnomalyDetector = {
    ...exported,
    detect: async (stack, _, indices = Array.from({ length: stack.count }, (_, i) => i)) => {
      const detections: Detection[] = [];
      for (const index of indices) {
        const found = await inPython.detect(imageOf(stack, index));
        detections.push(withinRegion({ ...found, levelMaps: [] }, stack, index));
      }
      return detections;
    },
    dispose: inPython.dispose,
  };
  return {
    name: `ONNX Runtime ${versions.onnxruntime} in Python ${versions.python}`,
    detector,
    threshold,
  };
}

/** A picture as it was judged, with the threshold of whoever judged it. */
type Judged = Pick<Detection, 'score' | 'map'> & { threshold: number | null };

/** Gathers the largest differences of one runtime. */
class Comparison {
  private images = 0;
  private readonly score = noDifference();
  private readonly map = noDifference();
  private hasMaps = false;
  private readonly flips: string[] = [];
  private hasVerdicts = false;

  constructor(private readonly runtime: string) {}

  add(file: string, run: Judged, found: Judged): void {
    this.images++;
    widen(this.score, file, [run.score], [found.score]);
    if (run.map || found.map) {
      this.hasMaps = true;
      widen(this.map, file, run.map ?? [], found.map ?? []);
    }
    if (run.threshold === null && found.threshold === null) return;
    this.hasVerdicts = true;
    if (verdict(run) !== verdict(found)) this.flips.push(file);
  }

  row(): RuntimeRow {
    return {
      runtime: this.runtime,
      images: this.images,
      score: this.score,
      map: this.hasMaps ? this.map : null,
      flips: this.hasVerdicts ? this.flips : null,
    };
  }
}

function noDifference(): LargestDifference {
  return { relative: 0, absolute: 0, file: null };
}

/** NaN is no verdict, and neither is a score without a threshold. */
function verdict({ score, threshold }: Judged): boolean | null {
  return threshold === null || Number.isNaN(score) ? null : isDefective(score, threshold);
}

/** Takes in the difference of one picture, if it is larger. */
function widen(
  largest: LargestDifference,
  file: string,
  run: ArrayLike<number>,
  found: ArrayLike<number>,
): void {
  let [absolute, scale] = [0, 0];
  for (let i = 0; i < run.length; i++) {
    // Where neither says anything.
    if (Number.isNaN(run[i]) && Number.isNaN(found[i])) continue;
    absolute = Math.max(absolute, Math.abs(run[i] - found[i]));
    scale = Math.max(scale, Math.abs(run[i]), Math.abs(found[i]));
  }
  let relative = absolute === 0 ? 0 : absolute / scale;
  // NaN, or maps of two sizes: no number says how far apart they are.
  if (run.length !== found.length || !Number.isFinite(relative)) absolute = relative = Infinity;
  if (relative <= largest.relative) return;
  Object.assign(largest, { relative, absolute, file });
}
