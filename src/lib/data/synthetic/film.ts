import type { Random } from '../../random/random';
import type { RgbImage } from '../image';
import type { Mask } from '../mask';

/** A picture with its ground truth. */
export interface Rendering {
  image: RgbImage;
  mask: Mask;
}

/** Linear light at a point, 1 for white; and how much of the point is defect, 0 to 1. */
export interface Light {
  red: number;
  green: number;
  blue: number;
  defect: number;
}

/** What the scene sends to the camera from a point; x and y from 0 to 1, left to right and down. */
export type Scene = (x: number, y: number, light: Light) => void;

/** How a camera sees it. */
export interface Camera {
  /** Factor on the light. */
  exposure: number;
  /** Factors on red and blue: a warm or cool light. */
  balance: readonly [red: number, blue: number];
  /** Standard deviation of the sensor's noise, in steps of 255. */
  noise: number;
}

/** Share of a pixel that must be defect for the mask to count it. */
const DEFECT_SHARE = 0.3;

/** Points looked at along each side of a pixel: small pictures get more, so that none is jagged. */
export function samplesPerSide(size: number): number {
  return Math.max(2, Math.ceil(256 / size));
}

/**
 * Takes a square picture: averages the light over each pixel, and turns it into bytes by a curve
 * with soft highlights and a square root for the display.
 *
 * @param size side in pixels
 * @param random for the sensor's noise
 */
export function expose(scene: Scene, size: number, camera: Camera, random: Random): Rendering {
  const samples = samplesPerSide(size);
  const step = 1 / (size * samples);
  const share = 1 / (samples * samples);
  const image = new Uint8Array(size * size * 3);
  const mask = new Uint8Array(size * size);
  const light: Light = { red: 0, green: 0, blue: 0, defect: 0 };
  const { exposure, balance, noise } = camera;

  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      let red = 0;
      let green = 0;
      let blue = 0;
      let defect = 0;
      for (let j = 0; j < samples; j++) {
        for (let i = 0; i < samples; i++) {
          light.defect = 0;
          scene((x * samples + i + 0.5) * step, (y * samples + j + 0.5) * step, light);
          red += light.red;
          green += light.green;
          blue += light.blue;
          defect += light.defect;
        }
      }
      const at = y * size + x;
      image[3 * at] = toByte(red * share * exposure * balance[0], noise, random);
      image[3 * at + 1] = toByte(green * share * exposure, noise, random);
      image[3 * at + 2] = toByte(blue * share * exposure * balance[1], noise, random);
      mask[at] = defect * share > DEFECT_SHARE ? 1 : 0;
    }
  }
  return {
    image: { width: size, height: size, data: image },
    mask: { width: size, height: size, data: mask },
  };
}

function toByte(light: number, noise: number, random: Random): number {
  const soft = light < 0.7 ? light : 1 - 0.09 / (light - 0.4);
  // The sum of three uniform draws is near enough to a normal one, at a third of the time.
  const grain = (random.next() + random.next() + random.next() - 1.5) * 2 * noise;
  return Math.min(Math.max(Math.round(255 * Math.sqrt(Math.max(soft, 0)) + grain), 0), 255);
}
