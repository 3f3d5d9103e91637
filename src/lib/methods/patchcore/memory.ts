import type { Points } from '../../statistics/points';
import type { NamedArrays } from '../../weights/named-arrays';
import { PATCH_CHANNELS } from './patch-features';

/** The model file's one array: the memory, a patch's features in each row. */
export const MEMORY = 'memory';

/** @throws Error for a model without a memory */
export function memoryOf(model: NamedArrays): Points {
  const memory = model.get(MEMORY);
  if (memory?.shape.length !== 2 || memory.shape[1] !== PATCH_CHANNELS) {
    const found = memory ? `[${memory.shape.join(', ')}]` : 'none';
    throw new Error(`Expected the array "${MEMORY}" [entries, ${PATCH_CHANNELS}], found ${found}.`);
  }
  const [count, dimensions] = memory.shape;
  return { count, dimensions, data: memory.data };
}
