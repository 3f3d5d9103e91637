import { tf } from '../engine/index';
import type { Tensor4D } from '../engine/index';
import type { FeaturePyramid } from '../models/resnet18';
import type { FeatureStore } from './feature-store';

/** Features in memory, one tensor a level. While they are joined, the largest level is there twice. */
export class MemoryFeatures implements FeatureStore {
  private readonly parts: Tensor4D[][] = [[], [], []];
  private levels: Tensor4D[] = [];

  constructor(readonly memoryBytes: number) {}

  add(pyramid: FeaturePyramid): void {
    pyramid.forEach((features, level) => this.parts[level].push(tf.clone(features)));
  }

  complete(): void {
    for (const parts of this.parts) {
      this.levels.push(tf.concat(parts));
      tf.dispose(parts);
      parts.length = 0;
    }
  }

  gather(indices: readonly number[]): FeaturePyramid {
    return tf.tidy(() => {
      const order = tf.tensor1d(indices as number[], 'int32');
      return this.levels.map((level) => tf.gather(level, order)) as FeaturePyramid;
    });
  }

  dispose(): void {
    tf.dispose(this.levels);
    tf.dispose(this.parts);
  }
}
