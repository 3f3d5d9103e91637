import type { Random } from '../../../random/random';
import type { BottleDefect } from '../bottle/bottle';
import { RADII } from '../bottle/bottle-shape';
import { mix } from '../mix';
import { fractalNoise } from '../noise';
import { smoothstep } from '../smoothstep';
import { fracture } from './fracture';

/**
 * Bottle, type "broken_large": a stretch of the lip, often down to the collar or the shoulder, has
 * broken away. Splinters line the break; behind them one sees the dark inside.
 *
 * @param severity 0 for a tenth of the lip to 1 for nearly half of it
 */
export function brokenLarge(random: Random, severity: number): BottleDefect {
  const middle = random.uniform(0, 2 * Math.PI);
  const half = mix(0.35, 1.25, severity) * random.uniform(0.9, 1.1);
  const outer = mix(0.68, 0.9, 0.6 * severity + 0.4 * random.next());
  const inner = RADII.mouth - random.uniform(0, 0.015);
  const splinters = mix(0.05, 0.11, random.next());
  const outline = fractalNoise(random.int(2 ** 31), 3);
  const depths = fractalNoise(random.int(2 ** 31), 2);
  const hit = mix(inner, outer, 0.5);
  const broken = fracture(random, {
    x: hit * Math.cos(middle),
    y: hit * Math.sin(middle),
    facets: random.uniform(9, 15),
    crushed: random.uniform(0, 0.7),
    rough: random.uniform(0.5, 1),
  });

  return {
    changeGlass(x, y, point) {
      const radius = Math.sqrt(x * x + y * y);
      if (radius < inner || radius > outer + 0.12) return 0;
      const angle = Math.atan2(y, x) - middle;
      const turned = Math.abs(Math.atan2(Math.sin(angle), Math.cos(angle)));
      // How far inside the break, in radii: it narrows towards the outside like a bite.
      const ragged = 0.1 * outline(5 * x, 5 * y);
      const bite = outer - (outer - RADII.lipOutside + 0.1) * (turned / half) ** 2;
      const depth = Math.min((half - turned) * radius, bite - radius) + ragged;
      if (depth <= 0) return 0;
      const share = smoothstep(0, 0.008, depth);
      broken(x, y, share, point);
      // Beyond the splinters the wall is gone, and the break lies deep in the dark.
      const band = splinters * (1 + 1.3 * depths(6 * x, 6 * y));
      const gone = share * smoothstep(band, band + 0.03, depth) * smoothstep(0.8, 0.62, radius);
      point.slopeX = mix(point.slopeX, 0.3 * depths(3 * x, 3 * y), gone);
      point.slopeY = mix(point.slopeY, 0.3 * depths(3 * x + 9, 3 * y), gone);
      point.thickness = mix(point.thickness, 3.4, gone);
      point.below = mix(point.below, 0.12 + 0.1 * depths(4 * x, 4 * y), gone);
      point.haze *= 1 - gone;
      return share;
    },
  };
}
