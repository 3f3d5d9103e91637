import type { NamedArrays } from '../weights/tensor-file';
import type { AutoEncoderConfig } from './auto-encoder-config';

/** A detector's numbers outside the engine, in PyTorch's layout. */
export interface DetectorArrays {
  /** Named as in `resnet18Shapes`. */
  teacher: NamedArrays;
  student: NamedArrays;
  /** Named as in `autoEncodersShapes`. */
  autoEncoders?: { config: AutoEncoderConfig; arrays: NamedArrays };
}
