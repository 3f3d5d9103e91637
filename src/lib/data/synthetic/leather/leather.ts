import type { Random } from '../../../random/random';
import type { Light, Rendering } from '../film';
import { expose, samplesPerSide } from '../film';
import { Hide, tanHide } from './hide';

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
