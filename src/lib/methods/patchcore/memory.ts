import type { Points } from '../../statistics/points';
import type { NamedArrays } from '../../weights/named-arrays';
import { patchChannels } from './patch-features';

/** The model file's one array: the memory, a patch's features in each row. */
export const MEMORY = 'memory';

/** @throws Error for a model without a memory of these levels' features */
export function memoryOf(model: NamedArrays, levels: readonly number[]): Points {
  const channels = patchChannels(levels);
  const memory = model.get(MEMORY);
  if (memory?.shape.length !== 2 || memory.shape[1] !== channels) {
    const found = memory ? `[${memory.shape.join(', ')}]` : 'none';
    throw new Error(`Expected the array "${MEMORY}" [entries, ${channels}], found ${found}.`);
  }
  const [count, dimensions] = memory.shape;
  return { count, dimensions, data: memory.data };
}
