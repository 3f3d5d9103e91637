import type { RgbImage } from '../../lib/data/image';
import type { Mask } from '../../lib/data/mask';
import { outlinePath } from '../image/outline';
import type { Figure } from './figure';
import { panelGrid, type Panel } from './panel-grid';

/** A picture with its caption and, where known, the ground truth to be outlined. */
export interface CaptionedImage {
  image: RgbImage;
  caption?: string;
  mask?: Mask | null;
}

export interface ImageGridOptions {
  title?: string;
  /** Images in a row. Default 6. */
  perRow?: number;
  /** Width of an image in CSS pixels. Default 130. */
  panelWidth?: number;
  /** Pixels of the PNG per CSS pixel. Default 2. */
  pixelRatio?: number;
}

/**
 * Images with their captions below them, row by row.
 * @throws RangeError if there is no image
 */
export async function imageGrid(
  images: readonly CaptionedImage[],
  { title, perRow = 6, panelWidth = 130, pixelRatio }: ImageGridOptions = {},
): Promise<Figure> {
  const panels = images.map(({ image, caption, mask }): Panel => ({
    image,
    caption,
    outline: mask ? outlinePath(mask) : undefined,
  }));
  const rows = Array.from({ length: Math.ceil(panels.length / perRow) }, (_, row) => ({
    panels: panels.slice(row * perRow, (row + 1) * perRow),
  }));
  const captions = images.flatMap(({ caption }) => caption ?? []).join(', ');
  const alt = `${title ?? 'Images'}: ${captions || `${images.length} images`}.`;
  return panelGrid([{ rows }], { title, panelWidth, pixelRatio, alt });
}
