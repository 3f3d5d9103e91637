import type { Random } from '../../random/random';
import { expose, samplesPerSide } from './film';
import type { Light, Rendering } from './film';
import { cellMosaic, fractalNoise, gradientNoise, Noise, smoothField, smoothstep } from './noise';

/** A defect of leather: changes the hide and marks in `hide.defect` where it did. */
export type LeatherDefect = (hide: Hide) => void;

/**
 * A piece of brown leather under a lamp from one side, seen straight from above. Each picture has
 * its own grain, tone and light.
 *
 * @param random the whole picture derives from it
 * @param size side in pixels
 */
export function renderLeather(random: Random, size: number, defect?: LeatherDefect): Rendering {
  const hide = tanHide(random.fork('hide'), size * samplesPerSide(size));
  defect?.(hide);

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
  const { side, height, colour, gloss } = hide;
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
    // Dry leather shines broadly and weakly; the wetter, the sharper and brighter.
    const shine = gloss[at];
    const power = Math.max(half, 0) ** (14 + 200 * shine * shine);
    const specular = falloff * shine * (0.1 + 0.9 * shine) * power;

    out.red = colour[3 * at] * diffuse + specular;
    out.green = colour[3 * at + 1] * diffuse + specular;
    out.blue = colour[3 * at + 2] * diffuse + specular;
    out.defect = hide.defect[at];
  };
  return expose(scene, size, camera, random.fork('sensor'));
}

/**
 * A piece of leather as maps over a square grid, `side` points along each side. Lengths are in
 * parts of the picture's side, so that a hide looks the same at any resolution.
 */
export interface Hide {
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

/** Calls `visit` with the index and the coordinates (0 to 1) of every point in a box of the hide. */
export function visitHide(
  { side }: Hide,
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

/** The whole hide, for `visitHide`. */
const EVERYWHERE = { left: 0, top: 0, right: 1, bottom: 1 } as const;

/**
 * Flawless leather: two generations of creases between pebbles of grain, pores, gentle waves, and
 * a dye that took a little unevenly. Grain, its direction and depth differ from piece to piece.
 */
function tanHide(random: Random, side: number): Hide {
  const hide: Hide = {
    side,
    height: new Float32Array(side * side),
    colour: new Float32Array(side * side * 3),
    gloss: new Float32Array(side * side),
    defect: new Float32Array(side * side),
  };
  const seed = () => random.int(2 ** 31);
  const pebbles = cellMosaic(seed());
  const cracks = cellMosaic(seed());
  const bendNoiseX = gradientNoise(seed());
  const bendNoiseY = gradientNoise(seed());
  const depthNoise = gradientNoise(seed());
  const wavesNoise = gradientNoise(seed());
  const pores = gradientNoise(seed());
  const dyeNoise = fractalNoise(seed(), 2);

  const angle = random.uniform(-0.35, 0.35);
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const stretch = random.uniform(1.25, 1.5);
  const scale = random.uniform(23, 26);
  const relief = random.uniform(0.85, 1.15);
  const tone = random.uniform(0.92, 1.08);
  const redness = random.uniform(0.96, 1.04);
  const cell = { nearest: 0, second: 0, id: 0 };

  // Along and across the grain, in pebbles.
  const along = (x: number, y: number) => (x * cos + y * sin) * scale;
  const across = (x: number, y: number) => (y * cos - x * sin) * scale * stretch;
  const grainField = (noise: Noise, fineness: number) =>
    smoothField((x, y) => noise(fineness * along(x, y), fineness * across(x, y)));
  const bendX = grainField(bendNoiseX, 0.35);
  const bendY = grainField(bendNoiseY, 0.35);
  const depth = grainField(depthNoise, 0.14);
  const cracked = grainField((u, v) => depthNoise(u + 31, v), 0.4);
  const waves = smoothField((x, y) => wavesNoise(2.2 * x, 2.2 * y));
  const dye = smoothField((x, y) => dyeNoise(3.5 * x, 3.5 * y));

  visitHide(hide, EVERYWHERE, (index, x, y) => {
    const u = along(x, y);
    const v = across(x, y);
    const p = u + 0.8 * bendX(x, y);
    const q = v + 0.8 * bendY(x, y);
    const deep = 0.75 + 0.5 * depth(x, y);

    pebbles(p, q, cell);
    const seam = smoothstep(0, 0.3, cell.second - cell.nearest);
    const dome = cell.nearest * cell.nearest;
    const lift = (cell.id & 255) / 255 - 0.5;
    cracks(1.7 * p + 5.3, 1.7 * q + 1.7, cell);
    const faint = smoothstep(0, 0.26, cell.second - cell.nearest);
    const often = smoothstep(-0.25, 0.5, cracked(x, y));
    const grain = pores(5 * u, 5 * v);
    const pore = smoothstep(0.38, 0.5, grain);

    const crease = (1 - seam) * deep + 0.3 * often * (1 - faint);
    hide.height[index] =
      relief * (-0.0015 * crease - 0.0015 * dome + 0.0006 * lift + 0.0003 * grain - 0.0003 * pore) +
      0.012 * waves(x, y);

    const worn = 1 - 0.2 * Math.min(crease, 1.2) - 0.06 * pore;
    const shade = tone * (1 + 0.14 * dye(x, y) + 0.05 * lift + 0.05 * grain) * worn;
    hide.colour[3 * index] = 0.27 * redness * shade;
    hide.colour[3 * index + 1] = 0.106 * shade;
    hide.colour[3 * index + 2] = 0.046 * shade;
    hide.gloss[index] = 0.2 * seam;
  });
  return hide;
}
