/** The lab's library: everything that notebooks, the command line and other programs use. */
export * from './anomaly-map/anomaly-map';
export * from './anomaly-map/detect';
export * from './anomaly-map/image-score';
export * from './anomaly-map/level-map';
export { isDefective } from './anomaly-map/threshold';
export type { OperatingThreshold } from './anomaly-map/threshold';
export * from './data/index';
export * from './data/image-of';
export * from './data/open-category';
export { describeDevice, engineVersions, tf } from './engine/index';
export * from './evaluation/index';
export * from './evaluation/evaluate-detector';
export * from './evaluation/compare-contrast';
export * from './evaluation/map-contrast';
export * from './evaluation/paired-difference';
export * from './evaluation/pixel-scores';
export * from './experiments/find-finished-run';
export * from './experiments/index';
export * from './experiments/paper-figures';
export * from './losses/l2-normalise';
export * from './losses/pre-training';
export * from './losses/reconstruction';
export * from './losses/similarity';
export {
  aupimo,
  aupro,
  auroc,
  averagePrecision,
  f1Max,
  precisionRecallCurve,
  proCurve,
  rocCurve,
} from './metrics/index';
export * from './models/auto-encoder';
export * from './models/auto-encoder-config';
export * from './models/auto-encoder-steps';
export * from './models/auto-encoders';
export * from './models/describe-teacher';
export * from './models/detector';
export * from './models/detector-arrays';
export * from './models/feature-maps';
export * from './models/image-batch';
export * from './models/image-normalisation';
export * from './models/initialise';
export * from './models/open-teacher';
export * from './models/parameter-store';
export * from './models/pyramid-levels';
export * from './models/resnet18';
export * from './models/teacher';
export * from './onnx/export-detector';
export * from './onnx/export-run';
export * from './onnx/onnx-detector';
export * from './onnx/onnx-file-error';
export * from './random/random';
export * from './training/config';
export * from './training/divergence';
export * from './training/load-auto-encoders';
export * from './training/load-detector';
export * from './training/operating-threshold';
export * from './training/run-config';
export * from './training/run-folder';
export * from './training/train';
export * from './training/train-detector';
export * from './weights/read-weights';
export * from './weights/safetensors';
export * from './weights/weight-change';
