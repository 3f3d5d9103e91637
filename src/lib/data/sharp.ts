import type Sharp from 'sharp';
import { loadOptional } from '../files/optional-package';

let loaded: typeof Sharp | undefined;

/**
 * sharp, loaded on first use, so that pure computation does not pay for it. Images are decoded several at a time (see
 * `loadImages`), one thread each; and a cache of decoded files would only cost memory, since each is read once.
 */
export function loadSharp(): typeof Sharp {
  if (!loaded) {
    loaded = loadOptional(
      'sharp',
      'Reading and writing image files',
      () => require('sharp') as typeof Sharp,
    );
    loaded.concurrency(1);
    loaded.cache(false);
  }
  return loaded;
}
