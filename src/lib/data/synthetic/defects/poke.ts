import type { Random } from '../../../random/random';
import { blob } from '../blob';
import { visitHide } from '../leather/hide';
import type { LeatherDefect } from '../leather/leather';
import { mix } from '../mix';
import { smoothstep } from '../smoothstep';
import { growBox } from '../stroke';

/**
 * Leather, type "poke": a small dark hole in a dent with a raised, torn rim.
 *
 * @param severity 0 for a pinprick to 1 for a nail's hole
 */
export function poke(random: Random, severity: number): LeatherDefect {
  const x = random.uniform(0.12, 0.88);
  const y = random.uniform(0.12, 0.88);
  const radius = mix(0.008, 0.021, severity) * random.uniform(0.9, 1.15);
  const dent = radius * mix(3, 3.8, random.next());
  const deep = mix(0.4, 0.7, severity) * radius;
  const hole = blob(random, {
    x,
    y,
    radius,
    stretch: random.uniform(1, 1.9),
    raggedness: 0.55,
  });
  const pale = mix(0.2, 0.6, severity) * random.uniform(0.5, 1);

  return (hide) => {
    visitHide(
      hide,
      growBox({ left: x, top: y, right: x, bottom: y }, 1.6 * dent),
      (index, px, py) => {
        const distance = Math.sqrt((px - x) ** 2 + (py - y) ** 2);
        const depth = hole.depth(px, py);
        const pit = smoothstep(-0.05, 0.35, depth);
        const rim = smoothstep(-0.9, -0.25, depth) * smoothstep(0.1, -0.2, depth);
        hide.height[index] -= 1.6 * deep * smoothstep(dent, 0, distance) + 1.5 * deep * pit;
        hide.height[index] += 0.5 * deep * rim;
        for (let channel = 0; channel < 3; channel++) {
          const at = 3 * index + channel;
          const torn = mix(hide.colour[at], [0.46, 0.3, 0.18][channel], pale * rim);
          hide.colour[at] = mix(
            torn,
            [0.018, 0.011, 0.008][channel],
            pit * mix(0.8, 0.97, severity),
          );
        }
        hide.gloss[index] *= 1 - pit;
        const touched = Math.max(
          smoothstep(-0.9, -0.7, depth),
          smoothstep(0.62 * dent, 0.55 * dent, distance),
        );
        hide.defect[index] = Math.max(hide.defect[index], touched);
      },
    );
  };
}
