/** What a detector said of one test image. */
export interface ImageResult {
  file: string;
  /** 'good' or the defect's type. */
  defect: string;
  label: 0 | 1;
  /** The image's anomaly score: the largest value of its map. */
  score: number;
}

/** Metrics of a ranking of normal and anomalous items; null where undefined. */
export interface RankingMetrics {
  /** Area under the ROC curve, from 0 to 1. */
  auroc: number | null;
  /** Average precision, from 0 to 1. */
  averagePrecision: number | null;
  /** The best F1 score over all thresholds, from 0 to 1. */
  f1Max: number | null;
  /**
   * Where it is reached, one of the scores: items that score at least this count as anomalous. Chosen on the test labels,
   * it is no operating threshold (and those let a score that equals them pass, see `isDefective`).
   */
  f1MaxThreshold: number | null;
}

export interface PixelMetrics extends RankingMetrics {
  /** Area under the PRO curve up to a false-positive rate of 0.3, divided by 0.3. */
  aupro: number | null;
  /** Mean over the anomalous images of the area under the per-image overlap curve, rates 1e-5 to 1e-4. */
  aupimo: number | null;
}

/** One type of defect against all good images. */
export interface DefectMetrics {
  imageAuroc: number | null;
  pixelAuroc: number | null;
}

/** Numbers, or null where a metric is undefined on the test set; then `undefinedBecause` says why. */
export interface EvaluationMetrics {
  image: RankingMetrics;
  pixel: PixelMetrics;
  /** By type of defect, in alphabetical order. */
  defects: Record<string, DefectMetrics>;
  /** AUPIMO of each image, in the order of the images; null for good ones and those without a mask. */
  aupimoByImage: (number | null)[];
  counts: EvaluationCounts;
  /** For each metric that is null, by its path, e.g. 'pixel.aupro', the reason. */
  undefinedBecause: Record<string, string>;
}

/** What the metrics were computed on. */
export interface EvaluationCounts {
  images: number;
  defectImages: number;
  /** Defect images that the pixel metrics leave out because they have no mask. */
  defectImagesWithoutMask: number;
  /** Pixels that the pixel metrics are computed on. */
  pixels: number;
  defectPixels: number;
}
