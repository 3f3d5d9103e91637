import { tf } from '../engine/index';
import type { Tensor4D } from '../engine/index';
import type { FeaturePyramid } from '../models/resnet18';
import type { FeatureStore } from './feature-store';

/** Features in memory, a tensor for each image and level: joined in one, they would be there twice for a while. */
export class MemoryFeatures implements FeatureStore {
  private readonly levels: Tensor4D[][] = [[], [], []];

  constructor(readonly memoryBytes: number) {}

  add(pyramid: FeaturePyramid): void {
    pyramid.forEach((features, level) =>
      this.levels[level].push(...tf.split<Tensor4D>(features, features.shape[0])),
    );
  }

  gather(indices: readonly number[]): FeaturePyramid {
    return this.levels.map((images) =>
      tf.concat(
        indices.map((index) => {
          if (images[index]) return images[index];
          throw new RangeError(`Features of image ${index}, of ${images.length} images.`);
        }),
      ),
    ) as FeaturePyramid;
  }

  dispose(): void {
    tf.dispose(this.levels);
  }
}
