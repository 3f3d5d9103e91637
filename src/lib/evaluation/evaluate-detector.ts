import { mapOf } from '../anomaly-map/detect';
import type { AnomalyDetector, Detection } from '../anomaly-map/detect';
import { loadImages } from '../data/image';
import type { ImageStack } from '../data/image';
import { loadMasks } from '../data/mask';
import type { Mask } from '../data/mask';
import type { Sample } from '../data/sample';
import { evaluateMaps, stackPixels } from './evaluate-maps';
import type { EvaluationMetrics, ImageResult } from './evaluate-maps';
import { peakBytes } from './peak-memory';

export interface EvaluateOptions {
  /** Keep the upsampled maps of each level, for figures: four times the memory. */
  levelMaps?: boolean;
  signal?: AbortSignal;
  onProgress?: (phase: 'images' | 'maps', done: number, total: number) => void;
}

/** A detector's answer to a test set: the numbers, and all they were computed from, in the order of the samples. */
export interface Evaluation<D extends Detection = Detection> {
  samples: readonly Sample[];
  images: ImageStack;
  /** Ground truth of each image; null for good images and defect images without one. */
  masks: (Mask | null)[];
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
  { levelMaps, signal, onProgress }: EvaluateOptions = {},
): Promise<Evaluation<D>> {
  const { imageSize, resizeFilter, valueRange } = detector;
  const size = { height: imageSize, width: imageSize };
  const pixels = imageSize * imageSize;
  const images = await loadImages(samples, {
    size,
    filter: resizeFilter,
    valueRange,
    signal,
    onProgress: (done, total) => onProgress?.('images', done, total),
  });
  const stack = await loadMasks(samples, { size, signal });
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
  const peakMemoryBytes = peakBytes();
  const metrics = evaluateMaps({
    maps: hasMaps(detections) ? detections.map(mapOf) : null,
    ...size,
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
  return {
    samples,
    images,
    masks,
    detections,
    results,
    metrics,
    secondsPerImage,
    peakMemoryBytes,
  };
}

/** Whether the detector gave maps; one that judges whole images only gives none. */
export function hasMaps(detections: readonly Detection[]): boolean {
  return detections.every(({ map }) => map !== null);
}

/**
 * Score and label (0 normal, 1 defect) of every pixel that the pixel metrics are computed on.
 *
 * @throws TypeError for a method without maps
 */
export function pixelScores(evaluation: Evaluation): { scores: Float32Array; labels: Uint8Array } {
  const { detections, masks, samples, images } = evaluation;
  const { scores, labels } = stackPixels(
    detections.map(mapOf),
    masks,
    samples.map(({ label }) => label),
    images.width * images.height,
  );
  return { scores, labels };
}
