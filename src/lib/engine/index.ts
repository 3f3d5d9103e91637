export { tf, nativeBackend } from './tensorflow';
export { addRelu } from './relu';
export { batchNormInference, batchNormTraining, BATCH_NORM_EPSILON } from './batch-norm';
export { biasAdd } from './conv2d';
export { conv2d, conv2dBias } from './conv2d';
export { conv2dTranspose } from './conv2d-transpose';
export { defineOp } from './define-op';
export { add, detach, halfSquaredNorm, multiply, square } from './elementwise';
export { describeDevice, engineVersions } from './tensorflow';
export type { Device } from './tensorflow';
export { engineFolder } from './engine-folder';
export { openEventWriter } from './event-writer';
export type { EventWriter } from './event-writer';
export { maxPool } from './max-pool';
export { concatChannels } from './concat-channels';
export { convertActivations, fork, hasFastBfloat16, packHalves, unpackHalves } from './precision';
export { ELEMENT_TYPES } from './raw-op';
export type { ElementType } from './raw-op';
export { leakyRelu, relu } from './relu';
export { resizeBilinear } from './resize-bilinear';
export { ResourceVariable } from './resource-variable';
export type { AdamScalars } from './resource-variable';
export type {
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor3D,
  Tensor4D,
  Scalar,
  Variable,
} from './tensorflow';
