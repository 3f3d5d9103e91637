import type { RgbImage } from '../../src/lib/data/image';
import type { Mask } from '../../src/lib/data/mask';
import type { ModelMaps } from '../../src/viz/figure/strip';

const SIZE = 32;

/** A grey ramp with a bright square as the defect, and its mask. */
export function scene(): { image: RgbImage; mask: Mask } {
  const data = new Uint8Array(3 * SIZE * SIZE);
  const mask = new Uint8Array(SIZE * SIZE);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const inside = x >= 8 && x < 16 && y >= 12 && y < 20;
      mask[y * SIZE + x] = Number(inside);
      data.fill(inside ? 240 : 4 * x, 3 * (y * SIZE + x), 3 * (y * SIZE + x) + 3);
    }
  }
  return {
    image: { width: SIZE, height: SIZE, data },
    mask: { width: SIZE, height: SIZE, data: mask },
  };
}

/** Smooth maps with their peak at the defect; `background` is their level far from it. */
export function modelMaps(name: string, background: number): ModelMaps {
  const bump = (radius: number): Float32Array =>
    Float32Array.from({ length: SIZE * SIZE }, (_, i) => {
      const [x, y] = [(i % SIZE) - 11.5, Math.floor(i / SIZE) - 15.5];
      return background + Math.exp(-(x * x + y * y) / (2 * radius * radius));
    });
  const levels = [bump(8), bump(5), bump(3)];
  const product = levels[0].map((value, i) => value * levels[1][i] * levels[2][i]);
  return { name, levels, product };
}
