import { largestCounted } from '../anomaly-map/map-values';
import { judgePicture } from '../anomaly-map/judge-picture';
import { namingAll } from '../data/damaged';
import { DatasetError } from '../data/folder';
import { loadFrames } from '../data/load-frames';
import { loadRgb } from '../data/image';
import { regionOfPicture } from '../data/regions-of-pictures';
import type { Dataset, Sample } from '../data/sample';
import { sizeOf } from '../models/side-or-size';
import { readDetectorMetadata } from '../onnx/metadata';
import { quantiseDetector } from '../onnx/quantise';
import type { QuantisedDetector, QuantiseOptions } from '../onnx/quantise';
import type { OnnxDetector } from '../onnx/onnx-detector';
import type { RunFolder } from '../training/run-folder';
import { isOfImages } from './image-record';
import type { DetectorRunConfig } from './open-run';
import { usedImages } from './train-detector';
import { loadTiles } from './train-tiles';

/** Good pictures to calibrate on, and where they come from. */
export interface GoodPictures {
  pictures: readonly Pick<Sample, 'file' | 'regionFile'>[];
  source: NonNullable<QuantiseOptions['source']>;
}

/**
 * The good pictures that a run has held out; of one that held out none those that it has learnt from.
 *
 * @param dataset what it was trained on
 * @throws DatasetError for another one
 */
export function goodPicturesOf(
  run: RunFolder,
  { config, dataset: { trainImages } }: DetectorRunConfig,
  dataset: Dataset,
): GoodPictures {
  if (dataset.train.length !== trainImages || !isOfImages(run, dataset)) {
    throw new DatasetError(
      dataset.root,
      'the good pictures that the run was trained on, some of which it has held out',
      'others',
    );
  }
  const { train, heldOut } = usedImages(config, dataset);
  return heldOut.length > 0
    ? { pictures: heldOut, source: 'held-out' }
    : { pictures: train, source: 'train' };
}

/** More tiles say nothing new of how large activations are. */
const MAX_TILES = 256;

/**
 * An exported detector in 8-bit integers, see `quantiseDetector`, calibrated on pictures that are read as it reads them.
 *
 * @param model what `exportRun` gave
 * @throws ImageFileError for the first file that cannot be used; and as `quantiseDetector`
 */
export async function quantiseExport(
  model: Uint8Array,
  { pictures, source }: GoodPictures,
  options: Pick<QuantiseOptions, 'maxChange' | 'signal' | 'onProgress'> = {},
): Promise<QuantisedDetector> {
  const { imageSize, fit, tileOverlap, roi, resizeFilter, valueRange, config } =
    readDetectorMetadata(model, 'the detector');
  const { signal, onProgress } = options;
  const loader = {
    size: sizeOf(imageSize),
    signal,
    valueRange,
    roi,
    onProgress: (done: number, total: number) => onProgress?.('Reading images', done, total),
  };
  if (tileOverlap === null) {
    const stack = await namingAll(pictures, () =>
      loadFrames(pictures, { ...loader, fit, filter: resizeFilter }),
    );
    return quantiseDetector(model, stack, { ...options, source });
  }
  const seed = typeof config?.seed === 'number' ? config.seed : 0;
  const tiles = await namingAll(pictures, () =>
    loadTiles(pictures, { ...loader, overlap: tileOverlap, limit: MAX_TILES, seed }),
  );
  return quantiseDetector(model, tiles, {
    ...options,
    source,
    judge: (detector) => scoresOfPictures(detector, pictures, signal),
  });
}

/** One after the other: such pictures may be large. */
async function scoresOfPictures(
  detector: OnnxDetector,
  pictures: GoodPictures['pictures'],
  signal: AbortSignal | undefined,
) {
  const [scores, peaks]: [number[], number[]] = [[], []];
  for (const image of pictures) {
    const picture = await loadRgb(image.file, { valueRange: detector.valueRange });
    const region = (await regionOfPicture(image, picture, detector.roi ?? null)) ?? undefined;
    const { score, map } = await judgePicture(detector, picture, { region, signal });
    scores.push(score);
    if (map) peaks.push(largestCounted(map));
  }
  return { scores, peaks: peaks.length === scores.length ? peaks : null };
}
