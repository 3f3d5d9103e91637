export type {
  Scalar,
  Tensor,
  Tensor1D,
  Tensor3D,
  Tensor4D,
  TensorInfo,
  Variable,
} from '@tensorflow/tfjs-node-gpu';
