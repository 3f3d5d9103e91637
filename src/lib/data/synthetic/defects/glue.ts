import type { Random } from '../../../random/random';
import { blob } from '../blob';
import { visitHide } from '../leather/hide';
import type { LeatherDefect } from '../leather/leather';
import { mix } from '../mix';
import { smoothstep } from '../smoothstep';

/**
 * Leather, type "glue": one or a few drops that fill the grain, stand above it and shine.
 *
 * @param severity 0 for a thin film to 1 for a thick drop
 */
export function glue(random: Random, severity: number): LeatherDefect {
  const drops = 1 + random.int(3);
  const x = random.uniform(0.15, 0.85);
  const y = random.uniform(0.15, 0.85);
  const radius = mix(0.032, 0.085, severity) / Math.sqrt(drops);
  const thickness = mix(0.22, 0.42, severity) * radius;
  const wet = mix(0.55, 0.9, severity);
  const tint = random.uniform(0.62, 0.9);
  const spots = Array.from({ length: drops }, (_, i) =>
    blob(random, {
      x: x + (i === 0 ? 0 : random.uniform(-0.14, 0.14)),
      y: y + (i === 0 ? 0 : random.uniform(-0.14, 0.14)),
      radius: radius * random.uniform(0.75, 1.2),
      stretch: random.uniform(1, 1.5),
      raggedness: 0.22,
    }),
  );

  return (hide) => {
    for (const spot of spots) {
      let sum = 0;
      let count = 0;
      visitHide(hide, spot.box, (index) => {
        sum += hide.height[index];
        count++;
      });
      const level = sum / Math.max(count, 1);
      visitHide(hide, spot.box, (index, px, py) => {
        const depth = spot.depth(px, py);
        if (depth <= 0) return;
        const cover = smoothstep(0, 0.18, depth);
        const inner = Math.min(depth, 1);
        // Round towards the rim, where the drop meets the leather at an angle.
        const dome = thickness * Math.sqrt(Math.max(inner * (2 - inner), 0));
        const fill = cover * mix(0.45, 0.95, severity);
        hide.height[index] = mix(hide.height[index], level, fill) + dome * cover;
        hide.gloss[index] = mix(hide.gloss[index], wet, cover);
        const rim = 1 - 0.3 * smoothstep(0.3, 0.05, depth);
        for (let channel = 0; channel < 3; channel++) {
          hide.colour[3 * index + channel] *= mix(1, tint * rim, cover);
        }
        hide.defect[index] = Math.max(hide.defect[index], smoothstep(0.02, 0.08, depth));
      });
    }
  };
}
