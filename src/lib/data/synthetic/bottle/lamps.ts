import type { Random } from '../../../random/random';
import { smoothstep } from '../smoothstep';

/** How bright the surroundings look in the mirror of a surface with this slope. */
export type Lamps = (slopeX: number, slopeY: number, roughness: number) => number;

/** Smooth bump of height 1, zero from `width` on. */
function bump(x: number, centre: number, width: number): number {
  const t = (x - centre) / width;
  const rest = 1 - t * t;
  return rest > 0 ? rest * rest : 0;
}

/**
 * What stands around the bottle: a dark camera straight above, a ring light around it, soft boxes
 * to the sides, and the bright table below. Lamps stay where they are from picture to picture,
 * give or take a little, while the bottle turns.
 */
export function inspectionLamps(random: Random): Lamps {
  const ring = { angle: random.uniform(0.4, 0.46), light: random.uniform(3, 4.5) };
  const boxes = [0.6, 2.3, 3.9, 5.4].map((azimuth) => {
    const turned = azimuth + random.uniform(-0.08, 0.08);
    return {
      x: Math.cos(turned),
      y: Math.sin(turned),
      angle: random.uniform(0.92, 1.02),
      light: random.uniform(9, 16),
      edge: Math.cos(random.uniform(0.36, 0.46)),
    };
  });
  const table = random.uniform(0.5, 0.65);

  return (slopeX, slopeY, roughness) => {
    const slope = Math.sqrt(slopeX * slopeX + slopeY * slopeY);
    const angle = 2 * Math.atan(slope);
    let light = 0.1 + ring.light * bump(angle, ring.angle, 0.09 + roughness) * soften(roughness);
    light += table * smoothstep(1.7, 2.4, angle);
    if (slope > 0) {
      const x = -slopeX / slope;
      const y = -slopeY / slope;
      for (const box of boxes) {
        const towards = x * box.x + y * box.y;
        const spread = 0.06 + 0.3 * roughness;
        light +=
          box.light *
          bump(angle, box.angle, 0.3 + roughness) *
          smoothstep(box.edge - spread, box.edge + spread, towards) *
          soften(roughness);
      }
    }
    return light;
  };
}

/** A rough surface spreads the same light over a wider range. */
function soften(roughness: number): number {
  return 1 / (1 + 4 * roughness);
}
