import type { Random } from '../../random/random';
import type { Rendering } from './film';
import { cellMosaic, fractalNoise, gradientNoise, Noise, smoothField, smoothstep } from './noise';
import { EVERYWHERE, flatRelief, photograph, Relief, visitRelief } from './relief';

/** A defect of leather: changes the hide and marks in `hide.defect` where it did. */
export type LeatherDefect = (hide: Relief) => void;

/**
 * A piece of brown leather under a lamp from one side, seen straight from above. Each picture has
 * its own grain, tone and light.
 *
 * @param random the whole picture derives from it
 * @param size side in pixels
 */
export function renderLeather(random: Random, size: number, defect?: LeatherDefect): Rendering {
  const hide = tanHide(random.fork('hide'), size);
  defect?.(hide);
  return photograph(hide, random, size);
}

/**
 * Flawless leather: two generations of creases between pebbles of grain, pores, gentle waves, and
 * a dye that took a little unevenly. Grain, its direction and depth differ from piece to piece.
 */
function tanHide(random: Random, size: number): Relief {
  const hide = flatRelief(size);
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

  visitRelief(hide, EVERYWHERE, (index, x, y) => {
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
