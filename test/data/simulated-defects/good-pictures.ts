import type { ImageStack } from '../../../src/lib/data/image';
import { renderSynthetic } from '../../../src/lib/data/synthetic/render-synthetic';

const cache = new Map<string, ImageStack>();

/** Good pictures of the project's own, an object before a background or a texture. */
export function goodPictures(category: 'bottle' | 'leather', count = 4, size = 96): ImageStack {
  const key = `${category} ${count} ${size}`;
  let stack = cache.get(key);
  if (!stack) {
    const data = new Uint8Array(count * size * size * 3);
    for (let index = 0; index < count; index++) {
      const good = { category, split: 'train', defect: 'good', index, seed: 0, size } as const;
      data.set(renderSynthetic(good).image.data, index * size * size * 3);
    }
    stack = { count, height: size, width: size, data };
    cache.set(key, stack);
  }
  return stack;
}
