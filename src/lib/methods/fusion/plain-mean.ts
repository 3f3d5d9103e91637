import { memoryWeights } from '../../anomaly-map/quantile-mean';
import type { MapScale } from '../../anomaly-map/quantile-mean';
import { LEVEL_NAMES } from '../../models/resnet18';
import type { NamedArray, NamedArrays } from '../../weights/named-arrays';
import type { StudentAndMemoryConfig } from './student-and-memory';

/*
 * What the plain mean of the maps takes, beside them: a weight for each, and its scale on good images, which the model
 * file keeps.
 */

/** What each map counts. Undefined: all alike. */
export function mapWeights({
  memory,
}: Pick<StudentAndMemoryConfig, 'memory'>): number[] | undefined {
  return memory ? memoryWeights(LEVEL_NAMES.length) : undefined;
}

/** The model file's array of scales: `low` and `high` of each map, [maps, 2]. */
export const SCALES = 'scales';

export function scalesArray(scales: readonly MapScale[]): NamedArray {
  return {
    shape: [scales.length, 2],
    data: Float32Array.from(scales.flatMap(({ low, high }) => [low, high])),
  };
}

/** @throws Error for a model without scales */
export function scalesOf(model: NamedArrays): MapScale[] {
  const scales = model.get(SCALES);
  if (scales?.shape.length !== 2 || scales.shape[1] !== 2) {
    const found = scales ? `[${scales.shape.join(', ')}]` : 'none';
    throw new Error(`Expected the array "${SCALES}" [maps, 2], found ${found}.`);
  }
  const [count] = scales.shape;
  return Array.from({ length: count }, (_, i) => ({
    low: scales.data[2 * i],
    high: scales.data[2 * i + 1],
  }));
}
