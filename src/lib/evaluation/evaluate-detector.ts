import { mapOf } from '../anomaly-map/detection';
import type { Detection } from '../anomaly-map/detection';
import type { AnomalyDetector } from '../anomaly-map/detect';
import { judgePicture } from '../anomaly-map/judge-picture';
import { openImage } from '../data/decode';
import type { ImageSize } from '../metrics/scores';
import { largestOfCells, put, reducedSize } from '../data/frame';
import { loadRgb } from '../data/image';
import type { ImageStack } from '../data/image';
import { both, loadFramedMasks, loadFrames, nativeMask, shareOutside } from '../data/load-frames';
import type { Mask } from '../data/mask';
import { regionOfPicture } from '../data/regions-of-pictures';
import { resample } from '../data/resample';
import type { Sample } from '../data/sample';
import { sizeOf } from '../models/side-or-size';
import { evaluateMaps, stackPixels } from './evaluate-maps';
import type { EvaluationMetrics, ImageResult, PixelStack } from './evaluate-maps';
import { peakBytes } from './peak-memory';

export interface EvaluateOptions {
  /** Keep the upsampled maps of each level, for figures: four times the memory. */
  levelMaps?: boolean;
  /** Of a detector of tiles: the pixels of all test pictures together from which on they are reduced. Default 80e6. */
  tiledPixels?: number;
  signal?: AbortSignal;
  onProgress?: (phase: 'images' | 'maps', done: number, total: number) => void;
}

/** A detector's answer to a test set: the numbers, and all they were computed from, in the order of the samples. */
export interface Evaluation<D extends Detection = Detection> {
  samples: readonly Sample[];
  images: ImageStack;
  /** Ground truth of each image; null for good images and defect images without one. */
  masks: (Mask | null)[];
  /** Of each image, the share of its defect's pixels that the detector does not look at; 0 without a mask. */
  defectUnseen: Float64Array;
  /** Of a detector of tiles whose test pictures are too large: how many of their pixels, along each side, one here is. */
  reduction?: number;
  detections: D[];
  results: ImageResult[];
  metrics: EvaluationMetrics;
  /** What the detector took for an image, from pixels to map and score; the first batch included. */
  secondsPerImage: number;
  /**
   * The most memory that the process had resident from its start until the last image was judged: Node, the engine, the
   * test images and all their maps included, metrics not, nor a GPU's own memory. The detector's where the process has
   * done nothing else.
   */
  peakMemoryBytes: number;
}

/**
 * Runs a detector on test samples, resized as its train images were, and computes every metric.
 *
 * @throws ImageFileError for the first image that cannot be used; RangeError naming the first image whose map
 *   contains NaN
 */
export async function evaluateDetector<D extends Detection>(
  detector: AnomalyDetector<D>,
  samples: readonly Sample[],
  { levelMaps, tiledPixels, signal, onProgress }: EvaluateOptions = {},
): Promise<Evaluation<D>> {
  if (samples.length > 0 && (detector.tileOverlap ?? null) !== null) {
    return evaluateTiled(detector, samples, { tiledPixels, signal, onProgress });
  }
  const { fit, resizeFilter, valueRange, roi } = detector;
  const size = sizeOf(detector.imageSize);
  const pixels = size.height * size.width;
  const images = await loadFrames(samples, {
    size,
    fit,
    filter: resizeFilter,
    valueRange,
    roi,
    signal,
    onProgress: (done, total) => onProgress?.('images', done, total),
  });
  const stack = await loadFramedMasks(samples, { size, fit, roi, signal });
  const masks = samples.map(({ maskFile }, i) =>
    maskFile === null || stack.known[i] === 0
      ? null
      : { ...size, data: stack.data.subarray(i * pixels, (i + 1) * pixels) },
  );
  const start = performance.now();
  const detections = await detector.detect(images, {
    levelMaps,
    signal,
    onProgress: (done, total) => onProgress?.('maps', done, total),
  });
  const secondsPerImage = (performance.now() - start) / 1000 / samples.length;
  const { defectUnseen } = stack;
  return measured({ samples, images, masks, defectUnseen, detections, secondsPerImage });
}

/** The metrics of what a detector said. */
function measured<D extends Detection>(
  judged: Omit<Evaluation<D>, 'results' | 'metrics' | 'peakMemoryBytes'>,
): Evaluation<D> {
  const { samples, images, masks, detections } = judged;
  const { height, width, region } = images;
  const peakMemoryBytes = peakBytes();
  const metrics = evaluateMaps({
    maps: hasMaps(detections) ? detections.map(mapOf) : null,
    height,
    width,
    ...(region && { region }),
    masks,
    labels: samples.map(({ label }) => label),
    defects: samples.map(({ defect }) => defect),
    files: samples.map(({ file }) => file),
    imageScores: detections.map(({ score }) => score),
  });
  const results = samples.map(({ file, defect, label }, i) => ({
    file,
    defect,
    label,
    score: detections[i].score,
  }));
  return { ...judged, results, metrics, peakMemoryBytes };
}

/** Pixels of all test pictures together that maps and metrics have memory for: some 2 GB. */
export const TILED_PIXELS = 80e6;

/**
 * Of a detector that sees tiles: pictures and maps in their own size, those of smaller pictures in the upper left corner
 * of the largest one's, the rest of which does not count. Where that takes too much memory, both are reduced, the maps and
 * masks by the largest value of each cell, so that no defect and no peak is lost. Scores are those of the whole maps.
 */
async function evaluateTiled<D extends Detection>(
  detector: AnomalyDetector<D>,
  samples: readonly Sample[],
  {
    tiledPixels = TILED_PIXELS,
    signal,
    onProgress,
  }: Pick<EvaluateOptions, 'tiledPixels' | 'signal' | 'onProgress'>,
): Promise<Evaluation<D>> {
  const sizes: ImageSize[] = [];
  for (const { file } of samples) sizes.push(await openImage(file));
  const largest = {
    height: Math.max(...sizes.map(({ height }) => height)),
    width: Math.max(...sizes.map(({ width }) => width)),
  };
  const pixelsInAll = samples.length * largest.height * largest.width;
  const reduction = Math.ceil(Math.sqrt(pixelsInAll / tiledPixels));
  const frame = reducedSize(largest, reduction);
  const pixels = frame.height * frame.width;
  const data = new Uint8Array(samples.length * pixels * 3);
  const region = new Uint8Array(samples.length * pixels);
  const masks: (Mask | null)[] = [];
  const defectUnseen = new Float64Array(samples.length);
  const detections: Detection[] = [];
  let seconds = 0;
  for (const [i, sample] of samples.entries()) {
    const { file } = sample;
    signal?.throwIfAborted();
    const picture = await loadRgb(file, { valueRange: detector.valueRange });
    const roi = (await regionOfPicture(sample, picture, detector.roi ?? null)) ?? undefined;
    const start = performance.now();
    const judging = judgePicture(detector, picture, { signal, region: roi });
    const { score, map } = await judging.catch((error) => {
      if (!(error instanceof RangeError)) throw error;
      throw new RangeError(`${file} (image ${i}): ${error.message}`, { cause: error });
    });
    seconds += (performance.now() - start) / 1000;
    const size = reducedSize(picture, reduction);
    const place = { left: 0, top: 0, ...size };
    const inFrame = <T extends Uint8Array | Float32Array>(
      part: T,
      whole: T,
      channels: number,
    ): T => {
      put(part, whole, frame, place, channels);
      return whole;
    };
    inFrame(
      resample(picture.data, picture, size),
      data.subarray(i * pixels * 3, (i + 1) * pixels * 3),
      3,
    );
    const counts = roi
      ? largestOfCells(roi.data, roi, reduction)
      : new Uint8Array(size.height * size.width).fill(1);
    inFrame(counts, region.subarray(i * pixels, (i + 1) * pixels), 1);
    const whole = new Float32Array(pixels).fill(NaN);
    detections.push({
      score,
      map: map && inFrame(largestOfCells(map, picture, reduction), whole, 1),
      levelMaps: [],
    });
    const mask = await nativeMask(sample, picture);
    const counted = mask && roi ? { ...mask, data: both(mask.data, roi.data) } : mask;
    if (mask && counted) {
      const everything = { left: 0, top: 0, height: mask.height, width: mask.width };
      defectUnseen[i] = shareOutside(mask, counted, everything);
    }
    masks.push(
      // Of a defect that lies outside what counts, pixels say nothing.
      counted && defectUnseen[i] < 1
        ? {
            ...frame,
            data: inFrame(
              largestOfCells(counted.data, counted, reduction),
              new Uint8Array(pixels),
              1,
            ),
          }
        : null,
    );
    onProgress?.('maps', i + 1, samples.length);
  }
  const images = { count: samples.length, ...frame, data };
  return measured({
    samples,
    images: region.includes(0) ? { ...images, region } : images,
    masks,
    defectUnseen,
    ...(reduction > 1 && { reduction }),
    detections: detections as D[],
    secondsPerImage: seconds / samples.length,
  });
}

/** Whether the detector gave maps; one that judges whole images only gives none. */
export function hasMaps(detections: readonly Detection[]): boolean {
  return detections.every(({ map }) => map !== null);
}

/**
 * Score and label (0 normal, 1 defect) of the pixels of all images that pixel metrics are computed on.
 *
 * @returns `counted` is 0 for each pixel that is left out all the same; absent where all count
 * @throws TypeError for a method without maps
 */
export function pixelScores(
  evaluation: Evaluation,
): Pick<PixelStack, 'scores' | 'labels' | 'counted'> {
  const { detections, masks, samples, images } = evaluation;
  const { scores, labels, counted } = stackPixels(
    detections.map(mapOf),
    masks,
    samples.map(({ label }) => label),
    images.width * images.height,
    images.region,
  );
  return { scores, labels, ...(counted && { counted }) };
}
