/** In a browser, what reads exported detectors and runs them on stacks of pixels; files and exports are Node.js's. */
export type {
  AnomalyDetector,
  DetectImages,
  DetectOptions,
  DetectorSettings,
} from '../anomaly-map/detect';
export type { Detection } from '../anomaly-map/detection';
export type { ImageStack } from '../data/image';
export { METADATA_KEY, OnnxFileError, readDetectorMetadata } from './metadata';
export type { DetectorMetadata, Quantisation } from './metadata';
export { createOnnxDetector } from './onnx-detector';
export type { OnnxDetector } from './onnx-detector';
export type { SessionOptions } from './runtime';
