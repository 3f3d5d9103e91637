import type { Random } from '../../../random/random';
import { blob } from '../blob';
import type { BottleDefect } from '../bottle/bottle';
import { RADII } from '../bottle/bottle-shape';
import { mix } from '../mix';
import { smoothstep } from '../smoothstep';
import { fracture } from './fracture';

/**
 * Bottle, type "broken_small": a chip out of an edge of the lip or the collar, with facets and, in
 * the stronger ones, crushed white glass.
 *
 * @param severity 0 for a chip of a fiftieth of the width to 1 for a tenth
 */
export function brokenSmall(random: Random, severity: number): BottleDefect {
  const angle = random.uniform(0, 2 * Math.PI);
  const edges = [
    RADII.lipInside,
    RADII.lipInside + 0.06,
    RADII.lipOutside - 0.03,
    RADII.collarOutside - 0.04,
  ];
  const place = edges[random.int(edges.length)] + random.uniform(-0.015, 0.015);
  const x = place * Math.cos(angle);
  const y = place * Math.sin(angle);
  const radius = mix(0.035, 0.11, severity) * random.uniform(0.9, 1.1);
  const chip = blob(random, {
    x,
    y,
    radius,
    stretch: random.uniform(1, 2),
    raggedness: 0.5,
  });
  const broken = fracture(random, {
    x,
    y,
    facets: mix(30, 16, severity),
    crushed: severity * random.uniform(0.2, 1),
    rough: mix(0.2, 0.9, severity),
  });

  return {
    changeGlass(px, py, point) {
      const { left, top, right, bottom } = chip.box;
      if (px < left || px > right || py < top || py > bottom) return 0;
      const depth = chip.depth(px, py);
      if (depth <= 0 || px * px + py * py < RADII.mouth * RADII.mouth) return 0;
      const share = smoothstep(0, 0.15, depth);
      broken(px, py, share, point);
      return share;
    },
  };
}
