/** Exported detectors: to write them, to read what they say of themselves, and to run them on stacks of pixels. */
export type {
  AnomalyDetector,
  DetectImages,
  DetectOptions,
  DetectorSettings,
} from '../anomaly-map/detect';
export type { Detection } from '../anomaly-map/detection';
export type { ImageStack } from '../data/image';
export { exportDetector } from './export';
export type { ExportDescription } from './export';
export { METADATA_KEY, OnnxFileError, readDetectorMetadata } from './metadata';
export type { DetectorMetadata, Quantisation } from './metadata';
export { createOnnxDetector, openOnnxDetector } from './onnx-detector';
export type { OnnxDetector } from './onnx-detector';
export { quantiseDetector } from './quantise';
export type { QuantisedDetector, QuantiseOptions } from './quantise';
export type { SessionOptions } from './runtime';
