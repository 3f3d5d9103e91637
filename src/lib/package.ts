/** What `stfpm-lab` is to another program: detectors to use, and exact metrics. Training is `stfpm-lab/training`. */
export type { OperatingThreshold } from './anomaly-map/threshold';
export type { ResizeFilter } from './data/resample';
export * from './detector/index';
export { FileError, ImageFileError } from './files/file-error';
export { MissingPackageError } from './files/optional-package';
export * from './metrics/index';
