import type { Random } from '../../src/lib/random/random';

/** Images with large shapes and fine grain, [count, size, size, 3]: speed hardly depends on what they show. */
export function syntheticPixels(random: Random, count: number, size: number): Uint8Array {
  const pixels = new Uint8Array(count * size * size * 3);
  let position = 0;
  for (let image = 0; image < count; image++) {
    const [across, down, phase] = [
      random.uniform(1, 12),
      random.uniform(1, 12),
      random.uniform(0, 6),
    ];
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const wave = Math.sin((x * across + y * down) / size + phase);
        const grain = random.uniform(-30, 30);
        for (let channel = 0; channel < 3; channel++) {
          pixels[position++] = 128 + (60 + 10 * channel) * wave + grain;
        }
      }
    }
  }
  return pixels;
}

/** Scores as an anomaly map has them: near 0 for most pixels, higher in the round defect of most images. */
export function syntheticScores(
  random: Random,
  images: number,
  size: number,
): { scores: Float32Array; labels: Uint8Array } {
  const scores = new Float32Array(images * size * size);
  const labels = new Uint8Array(scores.length);
  for (let image = 0; image < images; image++) {
    const defect = image % 4 !== 0;
    const [left, top] = [random.uniform(0, size), random.uniform(0, size)];
    const radius = size * random.uniform(0.03, 0.15);
    for (let i = 0; i < size * size; i++) {
      const distance = Math.hypot((i % size) - left, Math.floor(i / size) - top) / radius;
      const bump = defect ? 0.5 * Math.exp(-(distance ** 2) / 2) : 0;
      const index = image * size * size + i;
      labels[index] = defect && distance < 1 ? 1 : 0;
      scores[index] = (0.05 + random.uniform(0, 0.4) + bump) ** 3;
    }
  }
  return { scores, labels };
}
