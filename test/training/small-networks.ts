import { tf } from '../../src/lib/engine/index';
import { l2Normalise } from '../../src/lib/losses/similarity';
import { autoEncoderPrefix, autoEncoderShapes } from '../../src/lib/models/auto-encoder';
import type { AutoEncoderConfig, AutoEncoders } from '../../src/lib/models/auto-encoder';
import { ParameterStore } from '../../src/lib/models/parameter-store';
import { LEVEL_CHANNELS, resnet18 } from '../../src/lib/models/resnet18';
import type { FeaturePyramid } from '../../src/lib/models/resnet18';
import type { Batch } from '../../src/lib/training/recipe';
import type { NamedArrays } from '../../src/lib/weights/named-arrays';
import { fill, backboneArrays } from '../models/fill';

/** The networks and the batch of make_joint.py. */
export interface SmallNetworks {
  student: ParameterStore;
  autoEncoders: AutoEncoders;
  /** With phi(F_t), as joint training has it. */
  batch: Batch;
  /** With F_t, as pre-training has it. */
  rawBatch: Batch;
  dispose(): void;
}

/** Of the student. */
export const studentArrays = (): NamedArrays => backboneArrays(300);

export function autoEncoderArrays(config: AutoEncoderConfig): NamedArrays {
  return new Map(
    LEVEL_CHANNELS.flatMap((depth, level) =>
      [...autoEncoderShapes(config, depth)].map(([name, shape], i) => {
        const data = fill(shape, 700 + 40 * level + i, 0.3).map((value) => value * 0.25);
        return [autoEncoderPrefix(level) + name, { shape, data }] as const;
      }),
    ),
  );
}

export function smallNetworks(config: AutoEncoderConfig): SmallNetworks {
  const teacher = ParameterStore.fromArrays(backboneArrays(200));
  const student = ParameterStore.fromArrays(studentArrays());
  const store = ParameterStore.fromArrays(autoEncoderArrays(config));
  const shape: [number, number, number, number] = [4, 128, 128, 3];
  const images = tf.tensor4d(fill(shape, 11, 2), shape);
  const raw = tf.tidy(() => resnet18(teacher, images));
  const unit = raw.map(l2Normalise) as FeaturePyramid;
  teacher.dispose();
  return {
    student,
    autoEncoders: { config, store },
    batch: { images, teacher: unit },
    rawBatch: { images, teacher: raw },
    dispose: () => {
      tf.dispose([images, ...raw, ...unit]);
      student.dispose();
      store.dispose();
    },
  };
}
