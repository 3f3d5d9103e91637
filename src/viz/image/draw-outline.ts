import type { RgbImage } from '../../lib/data/image';
import type { Mask } from '../../lib/data/mask';

/** The look of a drawn outline. */
export interface OutlineOptions {
  /** Thickness of the line in pixels; a dark rim of 1 pixel lies around it. Default 1. */
  thickness?: number;
}

/** The line and its rim: one of them stands out on any image. */
const WHITE = [255, 255, 255];
const BLACK = [0, 0, 0];

/**
 * A copy of the image with the mask's regions outlined: the line runs just outside the region, so
 * that all of the defect stays visible, and has a dark rim around it.
 * @throws RangeError if mask and image differ in size
 */
export function drawOutline(
  image: RgbImage,
  mask: Mask,
  { thickness = 1 }: OutlineOptions = {},
): RgbImage {
  const { width, height } = image;
  if (mask.width !== width || mask.height !== height) {
    throw new RangeError(
      `drawOutline: expected a mask of ${width} x ${height}, found ${mask.width} x ${mask.height}`,
    );
  }
  const data = Uint8Array.from(image.data);
  let region = mask.data;
  for (let ring = 0; ring <= thickness; ring++) {
    const grown = dilate(region, width, height);
    const paint = ring < thickness ? WHITE : BLACK;
    for (let i = 0; i < grown.length; i++) if (grown[i] && !region[i]) data.set(paint, 3 * i);
    region = grown;
  }
  return { width, height, data };
}

/** Adds every pixel that touches the region, corners included. */
function dilate(region: Uint8Array, width: number, height: number): Uint8Array {
  const grown = new Uint8Array(region.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!region[y * width + x]) continue;
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        grown.fill(1, v * width + Math.max(0, x - 1), v * width + Math.min(width, x + 2));
      }
    }
  }
  return grown;
}
