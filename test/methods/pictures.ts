import type { ImageStack } from '../../src/lib/data/image';
import { mixedIntegers } from '../metrics/mixed-integers';

/**
 * Grey stripes with noise, 64 x 64; those asked for have a bright red square in the middle.
 *
 * @param seed of the noise
 */
export function stripedPictures(count: number, seed: number, defective: number[] = []): ImageStack {
  const side = 64;
  const noise = mixedIntegers(count * side * side, seed * 2 ** 20);
  const data = new Uint8Array(count * side * side * 3);
  for (let i = 0; i < count * side * side; i++) {
    const [x, y] = [i % side, Math.floor(i / side) % side];
    const grey = 90 + (x % 16 < 8 ? 60 : 0) + (noise[i] & 15);
    data.fill(grey, 3 * i, 3 * i + 3);
    const isInside = Math.abs(x - 32) < 10 && Math.abs(y - 32) < 10;
    if (isInside && defective.includes(Math.floor(i / side / side))) data.set([255, 20, 20], 3 * i);
  }
  return { count, height: side, width: side, data };
}
