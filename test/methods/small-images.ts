import type { ImageStack } from '../../src/lib/data/image';
import { Random } from '../../src/lib/random/random';

/** Discs on grey, each of a slightly different size; with a bright square that no other image has, if asked for. */
export function discs(
  count: number,
  side: number,
  { seed = 1, isDefective = false }: { seed?: number; isDefective?: boolean } = {},
): ImageStack {
  const data = new Uint8Array(count * side * side * 3);
  for (let i = 0; i < count; i++) {
    const radius = side * Random.fromSeed(seed).fork(`disc ${i}`).uniform(0.28, 0.34);
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const distance = Math.hypot(x + 0.5 - side / 2, y + 0.5 - side / 2);
        const isSquare =
          isDefective && Math.max(Math.abs(x / side - 0.5), Math.abs(y / side - 0.4)) < 0.1;
        const colour = isSquare
          ? [250, 240, 40]
          : distance < radius
            ? [60, 90, 150]
            : [190, 190, 190];
        data.set(colour, 3 * ((i * side + y) * side + x));
      }
    }
  }
  return { count, height: side, width: side, data };
}
