import type { Random } from '../../../random/random';
import type { GlassPoint } from '../bottle/glass';
import { cellMosaic } from '../cells';
import { mix } from '../mix';
import { fractalNoise, gradientNoise } from '../noise';
import { smoothstep } from '../smoothstep';

/**
 * What a fresh break in glass looks like: facets at all angles, ripples that spread from where
 * it was hit, and white patches where it was crushed.
 */
export type Fracture = (x: number, y: number, share: number, point: GlassPoint) => void;

export interface FractureOptions {
  /** Where it was hit, in the coordinates of the picture of the bottle. */
  x: number;
  y: number;
  /** Facets to the outer radius. */
  facets: number;
  /** How much of it is crushed white, 0 to 1. */
  crushed: number;
  /** How steep the facets are: 0 for nearly smooth, 1 for splinters. */
  rough: number;
}

/** A fracture whose facets, once made, stay the same from point to point. */
export function fracture(random: Random, options: FractureOptions): Fracture {
  const { x: hitX, y: hitY, facets, crushed, rough } = options;
  const mosaic = cellMosaic(random.int(2 ** 31));
  const bend = gradientNoise(random.int(2 ** 31));
  const powder = fractalNoise(random.int(2 ** 31), 3);
  const ripples = random.uniform(90, 150);
  const cell = { nearest: 0, second: 0, id: 0 };

  return (x, y, share, point) => {
    const u = facets * x + 0.8 * bend(0.6 * facets * x, 0.6 * facets * y);
    const v = facets * y + 0.8 * bend(0.6 * facets * x + 17, 0.6 * facets * y);
    mosaic(u, v, cell);
    const tiltX = ((cell.id & 0xff) / 127.5 - 1) * mix(0.4, 1.3, rough);
    const tiltY = (((cell.id >>> 8) & 0xff) / 127.5 - 1) * mix(0.4, 1.3, rough);
    const dx = x - hitX;
    const dy = y - hitY;
    const away = Math.sqrt(dx * dx + dy * dy) + 1e-6;
    const ripple = 0.22 * Math.sin(ripples * away + 4 * bend(3 * x, 3 * y));
    const edge = smoothstep(0.1, 0, cell.second - cell.nearest);

    point.slopeX = mix(point.slopeX, tiltX + (ripple * dx) / away, share);
    point.slopeY = mix(point.slopeY, tiltY + (ripple * dy) / away, share);
    const clear = ((cell.id >>> 16) & 0xff) / 255;
    point.thickness = mix(point.thickness, 1.6 + 2.6 * clear, share);
    point.below = mix(point.below, 0.1 + 0.45 * clear * clear + 0.25 * edge, share);
    point.roughness = mix(point.roughness, 0.03, share);
    const white = smoothstep(0.42 - 0.5 * crushed, 0.62 - 0.3 * crushed, powder(9 * x, 9 * y));
    point.haze += share * (white * mix(0.25, 0.6, crushed) + 0.05 * edge);
  };
}
