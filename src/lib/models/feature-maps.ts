import type { RgbImage } from '../data/image';
import { tf } from '../engine/index';
import { imageBatch } from './image-batch';
import type { ParameterStore } from './parameter-store';
import { resnet18 } from './resnet18';

/** Features of one image at one level, copied out of the engine: [height, width, channels], row-major. */
export interface LevelFeatures {
  shape: [height: number, width: number, channels: number];
  data: Float32Array;
}

/** What a trunk in inference mode sees in one image, by level. */
export function levelFeatures(trunk: ParameterStore, image: RgbImage): LevelFeatures[] {
  const pyramid = tf.tidy(() => resnet18(trunk, imageBatch({ ...image, count: 1 }, [0])));
  return pyramid.map((level) => {
    const [, height, width, channels] = level.shape;
    const data = level.dataSync<'float32'>();
    level.dispose();
    return { shape: [height, width, channels], data };
  });
}
