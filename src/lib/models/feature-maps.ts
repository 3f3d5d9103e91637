import type { RgbImage } from '../data/image';
import { tf } from '../engine/index';
import type { Tensor4D } from '../engine/index';
import { reconstruct } from './auto-encoder';
import type { AutoEncoders } from './auto-encoder';
import { imageBatch } from './image-batch';
import type { ParameterStore } from './parameter-store';
import { resnet18 } from './resnet18';
import type { FeaturePyramid } from './resnet18';

/** Features of one image at one level, copied out of the engine: [height, width, channels], row-major. */
export interface LevelFeatures {
  shape: [height: number, width: number, channels: number];
  data: Float32Array;
}

/** What a backbone in inference mode sees in one image, by level. */
export function levelFeatures(backbone: ParameterStore, image: RgbImage): LevelFeatures[] {
  const pyramid = tf.tidy(() => resnet18(backbone, imageBatch({ ...image, count: 1 }, [0])));
  return copiedOut(pyramid);
}

/** What auto-encoders make of one image's features: A(F), by level. @param features all three levels */
export function levelReconstructions(
  autoEncoders: AutoEncoders,
  features: readonly LevelFeatures[],
): LevelFeatures[] {
  const pyramid = tf.tidy(() => {
    const batches = features.map(({ shape, data }) => tf.tensor4d(data, [1, ...shape]));
    return reconstruct(autoEncoders, batches as Tensor4D[] as FeaturePyramid);
  });
  return copiedOut(pyramid);
}

function copiedOut(pyramid: FeaturePyramid): LevelFeatures[] {
  return pyramid.map((level) => {
    const [, height, width, channels] = level.shape;
    const data = level.dataSync<'float32'>();
    level.dispose();
    return { shape: [height, width, channels], data };
  });
}
