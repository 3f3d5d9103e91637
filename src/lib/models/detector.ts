import { tf } from '../engine/index';
import type { Tensor4D } from '../engine/index';
import type { NamedArrays } from '../weights/named-arrays';
import { reconstruct } from './auto-encoder';
import type { AutoEncoderConfig, AutoEncoders } from './auto-encoder';
import type { ParameterStore } from './parameter-store';
import { resnet18 } from './resnet18';
import type { FeaturePyramid } from './resnet18';

/**
 * The networks of the whole method (paper, Fig. 1): a frozen teacher and a student whose features are compared at three
 * levels. Without auto-encoders, R_s = F_s and this is the STFPM baseline.
 */
export interface DetectorNetworks {
  teacher: ParameterStore;
  student: ParameterStore;
  /** Behind the student's levels. */
  autoEncoders?: AutoEncoders;
}

/** What the two sides of the comparison say of a batch of images. */
export interface PyramidPair {
  /** F_t, by level. */
  teacher: FeaturePyramid;
  /** R_s, by level. */
  student: FeaturePyramid;
}

/** Both pyramids in inference mode. @param images [batch, height, width, 3], normalised */
export function detectorFeatures(networks: DetectorNetworks, images: Tensor4D): PyramidPair {
  const { autoEncoders } = networks;
  return tf.tidy(() => {
    const student = resnet18(networks.student, images);
    return {
      teacher: resnet18(networks.teacher, images),
      student: autoEncoders ? reconstruct(autoEncoders, student) : student,
    };
  }) as unknown as PyramidPair;
}

/** A detector's numbers outside the engine, in PyTorch's layout. */
export interface DetectorArrays {
  /** Named as in `resnet18Shapes`. */
  teacher: NamedArrays;
  student: NamedArrays;
  /** Named as in `autoEncodersShapes`. */
  autoEncoders?: { config: AutoEncoderConfig; arrays: NamedArrays };
}
