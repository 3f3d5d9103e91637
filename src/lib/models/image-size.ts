import { z } from 'zod';
import type { Fit } from '../data/frame';
import { SIZE_MULTIPLE } from './resnet18';
import { sizeOf } from './side-or-size';
import type { SideOrSize } from './side-or-size';

/** "384 x 256": width first, as pictures are described. */
export function sizeInWords(imageSize: SideOrSize, times = 'x'): string {
  const { height, width } = sizeOf(imageSize);
  return `${width} ${times} ${height}`;
}

/** How large a detector's images are and how pictures come to that, in words: "384 x 256 pixels, padded". */
export function inFrame({
  imageSize,
  fit,
  tileOverlap,
}: {
  imageSize: SideOrSize;
  fit: Fit;
  tileOverlap: number | null;
}): string {
  if (tileOverlap !== null) {
    return `${sizeInWords(imageSize)} pixels a tile, overlapping by ${tileOverlap}`;
  }
  const how = { stretch: '', pad: ', padded', crop: ', cropped' }[fit];
  return `${sizeInWords(imageSize)} pixels${how}`;
}

/** What --image-size takes: "256", or "384x256", the width first. */
export function sizeAsOption(imageSize: SideOrSize): string {
  return typeof imageSize === 'number' ? `${imageSize}` : `${imageSize.width}x${imageSize.height}`;
}

/** The settings' size of a text like "256" or "384x256"; null for another text. */
export function parseSize(text: string): SideOrSize | null {
  const match = /^\s*(\d+)\s*(?:[x×]\s*(\d+)\s*)?$/i.exec(text);
  if (!match) return null;
  const [width, height] = [match[1], match[2] ?? match[1]].map(Number);
  return width === height ? width : { height, width };
}

const side = z.number().int().min(32).max(2048).multipleOf(SIZE_MULTIPLE);
const sides = z
  .object({ height: side, width: side })
  .strict()
  .transform(({ height, width }): SideOrSize => (height === width ? height : { height, width }));

/**
 * The setting `imageSize`: sides from 32 to 2048 pixels, multiples of 16. A square is its side, as in runs that knew
 * nothing else.
 */
export const imageSizeSchema = z.union([side, sides], {
  // Of a union, zod says no more than that the input is invalid.
  errorMap: (issue, { data, defaultError }) => {
    if (issue.code !== 'invalid_union') return { message: defaultError };
    const [ofSide, ofSides] = issue.unionErrors;
    const { issues } = typeof data === 'object' ? ofSides : ofSide;
    return {
      message: issues
        .map(({ path, message }) =>
          [...path.filter((part) => part !== 'imageSize'), message].join(': '),
        )
        .join('. '),
    };
  },
});

/** Settings of a detector that sees pictures tile by tile, at their own resolution. */
export const tileSettings = {
  /**
   * The pixels by which tiles overlap at least, fewer than their sides; they are of `imageSize`. Null: pictures are seen
   * whole.
   */
  tileOverlap: z.number().int().min(0).nullable().default(null),
  /** How many tiles at most are learnt from, as the seed chooses them from those of all pictures. */
  maxTiles: z.number().int().min(1).default(2000),
};
