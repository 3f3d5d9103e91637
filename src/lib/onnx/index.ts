/** Exported detectors: to write them, to read what they say of themselves, and to run them on stacks of pixels. */
export * from './index.browser';
export { exportDetector } from './export';
export type { ExportDescription } from './export';
export { openOnnxDetector } from './onnx-detector';
export { quantiseDetector } from './quantise';
export type { QuantisedDetector, QuantiseOptions } from './quantise';
