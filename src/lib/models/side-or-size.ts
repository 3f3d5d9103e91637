import type { ImageSize } from '../metrics/scores';

/** The size of a detector's images in its settings: the side of a square, or both sides. */
export type SideOrSize = number | ImageSize;

/** Both sides in pixels. */
export function sizeOf(imageSize: SideOrSize): ImageSize {
  if (typeof imageSize === 'number') return { height: imageSize, width: imageSize };
  const { height, width } = imageSize;
  return { height, width };
}
