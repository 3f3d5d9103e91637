import type { Random } from '../../random/random';
import { expose, samplesPerSide } from './film';
import type { Light, Rendering } from './film';
import { mix } from './noise';

/**
 * A surface as maps over a square grid, `side` points along each side. Lengths are in parts of the
 * picture's side, so that it looks the same at any resolution.
 */
export interface Relief {
  side: number;
  /** Height of the surface, [side, side]. */
  height: Float32Array;
  /** Share of red, green and blue light that the surface throws back, [side, side, 3]. */
  colour: Float32Array;
  /** How much the surface shines, 0 to 1 for dry to wet. */
  gloss: Float32Array;
  /** How much of the point is defect, 0 to 1. */
  defect: Float32Array;
}

/** Calls `visit` with the index and the coordinates (0 to 1) of every point in a box of it. */
export function visitRelief(
  { side }: Relief,
  box: { left: number; top: number; right: number; bottom: number },
  visit: (index: number, x: number, y: number) => void,
): void {
  const clip = (value: number) => Math.min(Math.max(Math.round(value * side), 0), side);
  for (let row = clip(box.top); row < clip(box.bottom); row++) {
    for (let column = clip(box.left); column < clip(box.right); column++) {
      visit(row * side + column, (column + 0.5) / side, (row + 0.5) / side);
    }
  }
}

/** The whole relief, for `visitRelief`. */
export const EVERYWHERE = { left: 0, top: 0, right: 1, bottom: 1 } as const;

/** A black plane, as fine as a picture of `size` pixels a side needs. */
export function flatRelief(size: number): Relief {
  const side = size * samplesPerSide(size);
  return {
    side,
    height: new Float32Array(side * side),
    colour: new Float32Array(side * side * 3),
    gloss: new Float32Array(side * side),
    defect: new Float32Array(side * side),
  };
}

/** Takes the colour of a point towards another by `share`. */
export function paint(
  { colour }: Relief,
  index: number,
  paint: readonly [red: number, green: number, blue: number],
  share: number,
): void {
  for (let channel = 0; channel < 3; channel++) {
    colour[3 * index + channel] = mix(colour[3 * index + channel], paint[channel], share);
  }
}

/**
 * Takes a picture of a relief from straight above, under a lamp from one side that is each time a
 * little different.
 */
export function photograph(relief: Relief, random: Random, size: number): Rendering {
  const light = random.fork('light');
  const azimuth = light.uniform(-1.1, -0.5);
  const lamp = {
    x: 0.78 * Math.cos(azimuth),
    y: 0.78 * Math.sin(azimuth),
    z: 0.62,
    strength: light.uniform(1.25, 1.45),
    fallX: light.uniform(-0.16, 0.16),
    fallY: light.uniform(-0.22, 0.02),
  };
  const camera = {
    exposure: light.uniform(0.93, 1.07),
    balance: [light.uniform(0.98, 1.02), light.uniform(0.98, 1.02)] as const,
    noise: light.uniform(0.9, 1.5),
  };
  const { side, height, colour, gloss } = relief;
  // The half-way vector between lamp and camera, for the shine.
  const halfLength = Math.sqrt(lamp.x * lamp.x + lamp.y * lamp.y + (lamp.z + 1) ** 2);

  const scene = (x: number, y: number, out: Light) => {
    const column = Math.min(Math.floor(x * side), side - 1);
    const row = Math.min(Math.floor(y * side), side - 1);
    const at = row * side + column;
    const left = column > 0 ? at - 1 : at;
    const right = column < side - 1 ? at + 1 : at;
    const above = row > 0 ? at - side : at;
    const below = row < side - 1 ? at + side : at;
    const slopeX = ((height[right] - height[left]) * side) / (right - left);
    const slopeY = ((height[below] - height[above]) * side * side) / (below - above);

    const length = Math.sqrt(1 + slopeX * slopeX + slopeY * slopeY);
    const facing = (lamp.z - slopeX * lamp.x - slopeY * lamp.y) / length;
    const half = (lamp.z + 1 - slopeX * lamp.x - slopeY * lamp.y) / (length * halfLength);
    const falloff = 1 + lamp.fallX * (x - 0.5) * 2 + lamp.fallY * (y - 0.5) * 2;
    const diffuse = falloff * (0.28 + lamp.strength * Math.max(facing, 0));
    // A dry surface shines broadly and weakly; the wetter, the sharper and brighter.
    const shine = gloss[at];
    const power = Math.max(half, 0) ** (14 + 200 * shine * shine);
    const specular = falloff * shine * (0.1 + 0.9 * shine) * power;

    out.red = colour[3 * at] * diffuse + specular;
    out.green = colour[3 * at + 1] * diffuse + specular;
    out.blue = colour[3 * at + 2] * diffuse + specular;
    out.defect = relief.defect[at];
  };
  return expose(scene, size, camera, random.fork('sensor'));
}
