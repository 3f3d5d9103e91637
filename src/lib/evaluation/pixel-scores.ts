import type { Evaluation } from './evaluate-detector';
import { stackPixels } from './pixel-stack';

/** Score and label (0 normal, 1 defect) of every pixel that the pixel metrics are computed on. */
export function pixelScores(evaluation: Evaluation): { scores: Float32Array; labels: Uint8Array } {
  const { detections, masks, samples, images } = evaluation;
  const { scores, labels } = stackPixels(
    detections.map(({ map }) => map),
    masks,
    samples.map(({ label }) => label),
    images.width * images.height,
  );
  return { scores, labels };
}
