export { formatCsv } from './csv';
export { evaluateMaps } from './evaluate-maps';
export type { EvaluationInput } from './evaluate-maps';
export type {
  DefectMetrics,
  EvaluationCounts,
  EvaluationMetrics,
  ImageResult,
  PixelMetrics,
  RankingMetrics,
} from './evaluate-maps';
export { formatMetricsJson, writeMetricsJson } from './metrics-json';
export { decodeNpy, encodeNpyMaps, readNpy, writeNpyMaps } from './npy';
export type { NpyArray } from './npy';
export { formatScoresCsv, writeScoresCsv } from './csv';
