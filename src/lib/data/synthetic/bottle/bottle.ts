import type { Random } from '../../../random/random';
import type { Light, Rendering } from '../film';
import { expose } from '../film';
import { smoothstep } from '../smoothstep';
import { bottleShape } from './bottle-shape';
import { GlassPoint, shadeGlass } from './glass';
import { inspectionLamps } from './lamps';

/** A defect of a bottle; x and y from the bottle's axis, in outer radii. */
export interface BottleDefect {
  /** Changes the glass; returns the share of the point that is defect, 0 to 1. */
  changeGlass?(x: number, y: number, point: GlassPoint): number;
  /** Lies on the glass: changes the light that left it; returns the share that is defect. */
  cover?(x: number, y: number, light: Light): number;
}

/**
 * A bottle of green glass on a bright table, seen from above: mouth, lip, collar and shoulder.
 * Each picture has its own small shift, size, lean, turn of the bottle and light.
 *
 * @param random the whole picture derives from it
 * @param size side in pixels
 */
export function renderBottle(random: Random, size: number, defect: BottleDefect = {}): Rendering {
  const pose = random.fork('pose');
  const centreX = 0.5 + pose.uniform(-0.012, 0.012);
  const centreY = 0.5 + pose.uniform(-0.012, 0.012);
  const radius = 0.445 * pose.uniform(0.99, 1.01);
  // The mouth is nearer to the camera than the shoulder, and moves against it when seen askew.
  const leanX = pose.uniform(-0.014, 0.014);
  const leanY = pose.uniform(-0.014, 0.014);

  const shape = bottleShape(random.fork('shape'));
  const light = random.fork('light');
  const lamps = inspectionLamps(light);
  const table = light.uniform(1.3, 1.7);
  const tiltX = light.uniform(-0.08, 0.08);
  const tiltY = light.uniform(-0.08, 0.08);
  const camera = {
    exposure: light.uniform(0.94, 1.06),
    balance: [light.uniform(0.97, 1.03), light.uniform(0.97, 1.03)] as const,
    noise: light.uniform(0.8, 1.4),
  };
  const point: GlassPoint = {
    slopeX: 0,
    slopeY: 0,
    thickness: 0,
    roughness: 0,
    below: 0,
    haze: 0,
  };

  const scene = (imageX: number, imageY: number, out: Light) => {
    let x = (imageX - centreX) / radius;
    let y = (imageY - centreY) / radius;
    const distance = Math.sqrt(x * x + y * y);
    const back = table * (1 + tiltX * x + tiltY * y);
    // The shoulder lies out of focus: its edge is a ramp, and stains the table a little.
    const glass = smoothstep(1.02, 0.975, distance);
    if (glass > 0) {
      const near = smoothstep(1, 0.7, distance);
      x -= leanX * near;
      y -= leanY * near;
      shape(x, y, point);
      out.defect = defect.changeGlass?.(x, y, point) ?? 0;
      shadeGlass(point, lamps, out);
      if (defect.cover) out.defect = Math.max(out.defect, defect.cover(x, y, out));
      out.defect *= glass;
    } else {
      out.red = out.green = out.blue = 0;
    }
    const stain = 0.25 * smoothstep(1.16, 1, distance);
    const clear = 1 - glass;
    out.red = glass * out.red + clear * back * (1 - stain);
    out.green = glass * out.green + clear * back * (1 - 0.6 * stain);
    out.blue = glass * out.blue + clear * back * (1 - 0.8 * stain);
  };
  return expose(scene, size, camera, random.fork('sensor'));
}
