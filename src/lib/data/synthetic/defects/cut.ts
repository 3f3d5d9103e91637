import type { Random } from '../../../random/random';
import { visitHide } from '../leather/hide';
import type { LeatherDefect } from '../leather/leather';
import { mix } from '../mix';
import { gradientNoise } from '../noise';
import { smoothstep } from '../smoothstep';
import { growBox, stroke } from '../stroke';

/**
 * Leather, type "cut": a slit that gapes in the middle, dark inside, with pale fibres where the
 * skin is torn and lips that stand up on both sides.
 *
 * @param severity 0 for a scratch to 1 for a long, wide gap
 */
export function cut(random: Random, severity: number): LeatherDefect {
  const length = mix(0.07, 0.26, severity) * random.uniform(0.85, 1.15);
  const half = mix(0.0028, 0.0085, severity) * random.uniform(0.9, 1.2);
  const line = stroke(random, {
    x: random.uniform(0.2, 0.8),
    y: random.uniform(0.2, 0.8),
    length,
    bend: random.uniform(0.1, 0.9),
  });
  const jagged = gradientNoise(random.int(2 ** 31));
  const fibre = gradientNoise(random.int(2 ** 31));
  const paleSide = random.next() < 0.5 ? -1 : 1;
  const point = { across: 0, along: 0 };

  return (hide) => {
    visitHide(hide, growBox(line.box, 6 * half), (index, x, y) => {
      line.locate(x, y, point);
      const { along } = point;
      const across = point.across + 0.5 * half * jagged(140 * x, 140 * y);
      // Pointed at both ends.
      const width = half * Math.sqrt(Math.max(4 * along * (1 - along), 0));
      const distance = Math.abs(across);
      if (width < 0.2 * half || distance > 5 * half) return;
      const gap = smoothstep(width, 0.55 * width, distance);
      const lip = smoothstep(0, 1, 1 - Math.abs(distance - 1.7 * width) / (1.6 * half)) * (1 - gap);
      hide.height[index] += (0.5 + severity) * (0.004 * lip - 0.012 * gap) * (width / half);

      const torn =
        across * paleSide > 0 ? smoothstep(2.2 * width, 0.9 * width, distance) * (1 - gap) : 0;
      const pale = torn * mix(0.35, 0.75, severity) * (0.7 + 0.8 * fibre(220 * x, 220 * y));
      for (let channel = 0; channel < 3; channel++) {
        const at = 3 * index + channel;
        const light = mix(hide.colour[at], [0.5, 0.34, 0.2][channel], Math.max(pale, 0));
        hide.colour[at] = mix(
          light,
          [0.022, 0.012, 0.008][channel],
          gap * mix(0.75, 0.95, severity),
        );
      }
      hide.gloss[index] *= 1 - gap;
      const touched = smoothstep(2.4 * width, 2 * width, distance);
      hide.defect[index] = Math.max(hide.defect[index], touched);
    });
  };
}
