import type { Random } from '../../../random/random';
import { blob, Box } from '../blob';
import { Hide, visitHide } from '../leather/hide';
import type { LeatherDefect } from '../leather/leather';
import { mix } from '../mix';
import { fractalNoise } from '../noise';
import { smoothstep } from '../smoothstep';
import { growBox, stroke } from '../stroke';

type Colour = readonly [red: number, green: number, blue: number];

/** Wine, ink, verdigris, bleach and oil. */
const STAINS: readonly Colour[] = [
  [0.13, 0.015, 0.02],
  [0.02, 0.03, 0.1],
  [0.1, 0.2, 0.17],
  [0.5, 0.32, 0.2],
  [0.06, 0.03, 0.018],
];

/**
 * Leather, type "color": a spot, a few drops or a line of a colour that does not belong, soaked
 * into the grain without changing its relief.
 *
 * @param severity 0 for small and faint to 1 for large and strong
 */
export function colour(random: Random, severity: number): LeatherDefect {
  const stain = STAINS[random.int(STAINS.length)];
  const opacity = mix(0.55, 0.9, severity) * random.uniform(0.85, 1.1);
  const x = random.uniform(0.12, 0.88);
  const y = random.uniform(0.12, 0.88);
  const soak = fractalNoise(random.int(2 ** 31), 2);
  const kind = random.next();

  if (kind < 0.3) {
    const line = stroke(random, { x, y, length: mix(0.08, 0.3, severity), bend: 1.6 });
    const half = mix(0.006, 0.014, severity);
    const point = { across: 0, along: 0 };
    const cover = (px: number, py: number) => {
      line.locate(px, py, point);
      return smoothstep(half, 0.6 * half, Math.abs(point.across) * (1 + soak(30 * px, 30 * py)));
    };
    return (hide) => dye(hide, growBox(line.box, 2 * half), stain, opacity, cover);
  }
  const drops = kind < 0.6 ? 1 : 2 + random.int(3);
  const radius = mix(0.022, 0.07, severity) / Math.sqrt(drops);
  const spots = Array.from({ length: drops }, (_, i) =>
    blob(random, {
      x: x + (i === 0 ? 0 : random.uniform(-3.5, 3.5) * radius),
      y: y + (i === 0 ? 0 : random.uniform(-3.5, 3.5) * radius),
      radius: radius * random.uniform(0.6, 1.2),
      stretch: random.uniform(1, 2.2),
    }),
  );
  return (hide) => {
    for (const spot of spots) {
      const cover = (px: number, py: number) =>
        smoothstep(0, 0.3, spot.depth(px, py) + 0.25 * soak(24 * px, 24 * py));
      dye(hide, growBox(spot.box, 0.5 * radius), stain, opacity, cover);
    }
  };
}

function dye(
  hide: Hide,
  box: Box,
  stain: Colour,
  opacity: number,
  cover: (x: number, y: number) => number,
): void {
  visitHide(hide, box, (index, x, y) => {
    const share = cover(x, y);
    if (share <= 0) return;
    // Creases keep their shadow below the stain.
    const shadow = Math.min(hide.colour[3 * index] / 0.27, 1.3);
    for (let channel = 0; channel < 3; channel++) {
      const at = 3 * index + channel;
      hide.colour[at] = mix(hide.colour[at], stain[channel] * shadow, share * opacity);
    }
    hide.defect[index] = Math.max(hide.defect[index], smoothstep(0.1, 0.5, share));
  });
}
