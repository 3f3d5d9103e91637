import * as fs from 'fs';
import { largestCounted } from '../../lib/anomaly-map/map-values';
import { mapOf } from '../../lib/anomaly-map/detection';
import { foundRegions } from '../../lib/anomaly-map/found-regions';
import { isDefective } from '../../lib/anomaly-map/threshold';
import type { OperatingThreshold } from '../../lib/anomaly-map/threshold';
import { listNames } from '../../lib/data/folder';
import type { RgbImage } from '../../lib/data/image';
import type { Mask } from '../../lib/data/mask';
import type { NpyMapsWriter } from '../../lib/evaluation/npy';
import { FileError } from '../../lib/files/file-error';
import { printable } from '../../lib/text/printable';
import type * as DrawOutline from '../../viz/image/draw-outline';
import type * as Overlay from '../../viz/image/overlay';
import { minMaxRange } from '../../viz/scale/scale';
import type { Range } from '../../viz/scale/scale';
import type { ImageToJudge, Judgement, RegionFolder } from '../inputs/images-to-judge';
import type { FileVersion } from '../inputs/watch-folders';
import { UsageError } from '../options';
import { complain, print, warn } from '../terminal/say';
import type { EvaluationReport } from './evaluate-run';
import { commonFolder, JudgementFiles } from './judgement-files';
import type { ImageRecord } from './judgement-files';
import type { Predictor } from './open-predictor';
import { chosenThreshold, tellThreshold, thresholdRecord } from './threshold-choice';
import type { ThresholdOptions } from './threshold-choice';

/** What of the options of `stfpm predict` says what becomes of a judgement. */
export interface JudgingOptions extends ThresholdOptions {
  watch?: boolean;
  json?: boolean;
  failOnDefect?: boolean;
  out?: string;
  overlays?: boolean;
  masks?: boolean;
}

/** What has been judged so far, and where it is written. */
export interface Judging {
  predictor: Predictor;
  threshold: OperatingThreshold | null;
  report: EvaluationReport | null;
  files: JudgementFiles | null;
  /** Of the images, where each has one. */
  regions?: RegionFolder;
  scores: number[];
  /** Of those that were not looked at as a whole, the share of pixels that was not. */
  unseen: number[];
  counts: { judged: number; good: number; defect: number; notJudged: number; passedOver: number };
  add(judgement: Judgement): Promise<void>;
  /** Files that are no images. */
  passOver(names: readonly string[]): void;
  /** Of the images that there are, and even if not all were judged: counts them and closes the files. */
  end(): void;
}

export function beginJudging(
  predictor: Predictor,
  paths: readonly string[],
  maps: NpyMapsWriter | null,
  options: JudgingOptions,
): Judging {
  const { detector, name, modelEpoch, teacher } = predictor;
  const threshold = chosenThreshold(detector.threshold, options);
  if (options.failOnDefect && !threshold) {
    throw new UsageError('--fail-on-defect needs a threshold; --threshold names one.');
  }
  tellThreshold(threshold);
  const report = readReport(predictor);
  const { out, watch: append } = options;
  const files = out === undefined ? null : new JudgementFiles(out, commonFolder(paths), { append });
  const run = { type: 'run', run: name, modelEpoch, teacher: teacher.name };
  const scores: number[] = [];
  const unseen: number[] = [];
  const counts = { judged: 0, good: 0, defect: 0, notJudged: 0, passedOver: 0 };
  const tell = (record: object) => {
    files?.note(record);
    if (options.json) print(JSON.stringify(record));
  };
  const needsRegions = files !== null || options.json === true;
  const draw = options.overlays ? overlayOf(threshold, report) : null;
  tell({ ...run, threshold: thresholdRecord(threshold) });
  return {
    predictor,
    threshold,
    report,
    files,
    scores,
    unseen,
    counts,
    add: async (judgement) => {
      const { record, mask } = recordOf(judgement, threshold, needsRegions);
      if ('error' in judgement) {
        counts.notJudged++;
        complain(judgement.error.message);
      } else {
        counts.judged++;
        scores.push(judgement.score);
        if (judgement.unseen !== undefined) unseen.push(judgement.unseen);
        if (record.verdict === 'good' || record.verdict === 'defect') counts[record.verdict]++;
      }
      if (!options.json) printLine(record);
      try {
        await writeFiles(record, mask, judgement);
      } finally {
        // A full disk does not take the result from the screen.
        if (options.json) print(JSON.stringify(record));
      }
    },
    passOver: (names) => {
      if (names.length === 0) return;
      counts.passedOver += names.length;
      warn(
        `${counted(names.length, 'file')} passed over, hidden or no pictures: ${listNames(names)}`,
      );
      tell({ type: 'passed over', files: names });
    },
    end: () => {
      try {
        tell({ type: 'summary', ...counts });
      } finally {
        files?.close();
      }
    },
  };

  /** Adds the names of its pictures to the record. */
  async function writeFiles(record: ImageRecord, mask: Mask | null, judgement: Judgement) {
    if (!('error' in judgement)) {
      const { image, picture, map } = judgement;
      if (maps) maps.add(mapOf(judgement), picture);
      if (files && draw && map) {
        const pixel = pixelThreshold(threshold, judgement);
        record.overlay = await files.addOverlay(image, draw(picture, map, pixel));
      }
      if (files && options.masks && mask) {
        record.mask = await files.addMask(image, mask, picture.original);
      }
    }
    files?.add(record);
  }
}

/**
 * The one that was set; where the threshold is older than such, that of images, if the score is the map's highest value.
 */
function pixelThreshold(
  threshold: OperatingThreshold | null,
  { score, map }: { score: number; map: Float32Array | null },
): number | undefined {
  if (!map || !threshold) return undefined;
  return threshold.pixel ?? (score === largestCounted(map) ? threshold.value : undefined);
}

function recordOf(
  judgement: Judgement,
  threshold: OperatingThreshold | null,
  needsRegions: boolean,
): { record: ImageRecord; mask: Mask | null } {
  const { name, size, modified } = judgement.image as ImageToJudge & Partial<FileVersion>;
  const version = {
    ...(size !== undefined && { size }),
    ...(modified !== undefined && { modified }),
  };
  const named = { type: 'image' as const, file: name, ...version };
  if ('error' in judgement) {
    const { message } = judgement.error;
    return { record: { ...named, verdict: 'not judged', error: message }, mask: null };
  }
  const { score, map, picture, unseen } = judgement;
  const { original } = picture;
  const partly = unseen === undefined ? {} : { unseen };
  if (!threshold) return { record: { ...named, score, picture: original, ...partly }, mask: null };
  const { value } = threshold;
  const pixel = pixelThreshold(threshold, judgement);
  const found =
    needsRegions && map && pixel !== undefined ? foundRegions(map, picture, original, pixel) : null;
  return {
    record: {
      ...named,
      score,
      ...(value > 0 && { scoreOverThreshold: score / value }),
      verdict: isDefective(score, value) ? 'defect' : 'good',
      picture: original,
      ...partly,
      ...(found && { regions: found.regions }),
    },
    mask: found?.mask ?? null,
  };
}

function printLine({ file, score, verdict }: ImageRecord): void {
  if (score === undefined) print(`${'–'.padEnd(9)}  not judged  ${printable(file)}`);
  else {
    const called = verdict === undefined ? [] : [verdict.padEnd(10)];
    print([score.toPrecision(4).padEnd(9), ...called, printable(file)].join('  '));
  }
}

export const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

/**
 * The evaluation of the run's model, if there is one; the run may have been trained on since.
 *
 * @throws FileError when the file is something else
 */
function readReport({ run, modelEpoch }: Predictor): EvaluationReport | null {
  if (!run || !fs.existsSync(run.file('evaluation.json'))) return null;
  const report = run.readJson('evaluation.json') as EvaluationReport | null;
  if (typeof report !== 'object' || report === null) {
    throw new FileError(
      run.file('evaluation.json'),
      'the report of `stfpm evaluate`',
      'other JSON',
    );
  }
  return report.modelEpoch === modelEpoch ? report : null;
}

/** The map over the image, with the contour of what is above the pixel threshold. */
function overlayOf(threshold: OperatingThreshold | null, report: EvaluationReport | null) {
  // Loaded here: the colours come with a whole charting library.
  const { blend } = require('../../viz/image/overlay') as typeof Overlay;
  const { drawOutline } = require('../../viz/image/draw-outline') as typeof DrawOutline;
  // Twice what good images show, so that they are faint and defects are not all alike.
  const normal = report?.normalMapLevel ?? threshold?.pixel;
  const range = normal && normal > 0 ? { lo: 0, hi: 2 * normal } : undefined;
  return (picture: RgbImage, map: Float32Array, pixel: number | undefined): RgbImage => {
    const overlay = inBands(picture, map, range ?? minMaxRange(map), blend);
    if (pixel === undefined) return overlay;
    const data = Uint8Array.from(map, (value) => +(value > pixel));
    return drawOutline(overlay, { width: picture.width, height: picture.height, data });
  };
}

/** Rows of an overlay that are coloured at once: the colours take more memory than the picture. */
const BAND = 256;

function inBands(
  { width, height, data }: RgbImage,
  map: Float32Array,
  range: Range,
  blend: typeof Overlay.blend,
): RgbImage {
  const overlay = new Uint8Array(data.length);
  for (let top = 0; top < height; top += BAND) {
    const rows = Math.min(BAND, height - top);
    const [start, end] = [top * width, (top + rows) * width];
    const part = { width, height: rows, data: data.subarray(3 * start, 3 * end) };
    overlay.set(blend(part, map.subarray(start, end), { range }).data, 3 * start);
  }
  return { width, height, data: overlay };
}
