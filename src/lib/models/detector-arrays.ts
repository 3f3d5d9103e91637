import type { NamedArrays } from '../weights/tensor-file';
import type { AutoEncoderConfig } from './auto-encoder-config';
import type { Detector } from './detector';

/** A detector's numbers outside the engine, in PyTorch's layout. */
export interface DetectorArrays {
  /** Named as in `resnet18Shapes`. */
  teacher: NamedArrays;
  student: NamedArrays;
  /** Named as in `autoEncodersShapes`. */
  autoEncoders?: { config: AutoEncoderConfig; arrays: NamedArrays };
}

/** A detector's numbers, copied out of the engine. */
export function detectorArrays({ teacher, student, autoEncoders }: Detector): DetectorArrays {
  return {
    teacher: teacher.toArrays(),
    student: student.toArrays(),
    ...(autoEncoders && {
      autoEncoders: { config: autoEncoders.config, arrays: autoEncoders.store.toArrays() },
    }),
  };
}
