/** The lab's library: everything that notebooks, the command line and other programs use. */
export * from './anomaly-map/anomaly-map';
export * from './anomaly-map/detect';
export * from './anomaly-map/anomaly-map';
export * from './anomaly-map/anomaly-map';
export { isDefective } from './anomaly-map/threshold';
export type { OperatingThreshold } from './anomaly-map/threshold';
export * from './data/index';
export * from './data/image';
export * from './data/open-category';
export { describeDevice, engineVersions, tf } from './engine/index';
export * from './evaluation/index';
export * from './evaluation/evaluate-detector';
export * from './evaluation/contrast';
export * from './evaluation/contrast';
export * from './evaluation/contrast';
export * from './evaluation/evaluate-detector';
export * from './experiments/find-finished-run';
export * from './experiments/index';
export * from './experiments/paper-figures';
export * from './losses/similarity';
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
export * from './models/auto-encoder';
export * from './models/auto-encoder';
export * from './models/auto-encoder';
export * from './models/teacher';
export * from './models/detector';
export * from './models/detector';
export * from './models/feature-maps';
export * from './models/image-batch';
export * from './models/image-batch';
export * from './models/resnet18';
export * from './models/teacher';
export * from './models/parameter-store';
export * from './models/resnet18';
export * from './models/resnet18';
export * from './models/teacher';
export * from './onnx/export';
export * from './onnx/export';
export * from './onnx/onnx-detector';
export * from './onnx/metadata';
export * from './random/random';
export * from './training/config';
export * from './training/train';
export * from './training/load-detector';
export * from './training/load-detector';
export * from './training/operating-threshold';
export * from './training/run-folder';
export * from './training/run-folder';
export * from './training/train';
export * from './training/train-detector';
export * from './weights/read-weights';
export * from './weights/safetensors';
export * from './weights/named-arrays';
