import type { Light } from '../film';
import type { Lamps } from './lamps';

/** A point of glass as the camera looks down on it. */
export interface GlassPoint {
  /** Rise of the surface along x and y. */
  slopeX: number;
  slopeY: number;
  /** How much glass the light from below comes through, in wall thicknesses. */
  thickness: number;
  /** 0 for polished, 1 for frosted. */
  roughness: number;
  /** Light from below before it enters the glass; 1 for the bare table. */
  below: number;
  /** Light that crushed or dusty glass throws back, whatever its slope. */
  haze: number;
}

/** Share of red, green and blue that one wall thickness swallows, as an exponent. */
const ABSORPTION = [1.15, 0.42, 0.8] as const;

/** What glass sends to the camera: the lamps in its mirror, and the light that comes through. */
export function shadeGlass(point: GlassPoint, lamps: Lamps, light: Light): void {
  const { slopeX, slopeY, thickness, below, haze } = point;
  const cosine = 1 / Math.sqrt(1 + slopeX * slopeX + slopeY * slopeY);
  const grazing = 1 - cosine;
  const squared = grazing * grazing;
  // Schlick's approximation of Fresnel's law for glass.
  const mirror = 0.045 + 0.955 * squared * squared * grazing;
  const reflected = mirror * lamps(slopeX, slopeY, point.roughness) + haze;
  const through = (1 - mirror) * below;
  light.red = reflected + through * Math.exp(-ABSORPTION[0] * thickness);
  light.green = reflected + through * Math.exp(-ABSORPTION[1] * thickness);
  light.blue = reflected + through * Math.exp(-ABSORPTION[2] * thickness);
}
