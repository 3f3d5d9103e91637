import { boxMean } from './foreground';
import type { Region } from './region';

/** Radii of the windows in which a change is looked for: fine lines in the small one, weak spots in the large one. */
const FINE = 1;
const COARSE = 3;

/**
 * The surface's own contrast within a region: the standard deviation of the brightness in windows of 7 x 7 pixels, in
 * grey levels, on average over what is covered.
 *
 * @param colours of the region's rectangle, [height, width, 3]
 */
export function surfaceContrast(
  colours: ArrayLike<number>,
  { width, height, cover }: Region,
): number {
  return meanOver(cover, localContrast(brightness(colours, width * height), width, height));
}

function meanOver(cover: Float32Array, contrast: Float32Array): number {
  let sum = 0;
  let weight = 0;
  cover.forEach((share, i) => {
    sum += share * contrast[i];
    weight += share;
  });
  return weight > 0 ? sum / weight : 0;
}

/**
 * Which covered pixels were visibly changed. On a rough surface pixels differ from their neighbours anyhow, so that a
 * change is seen by what a window shows: its mean colour, or how much its pixels vary. Thus a piece of leather in place
 * of another is no change, however much the single pixels differ. Specks are left out and small gaps closed.
 *
 * @param before colours of the region's rectangle, [height, width, 3]
 * @param after the same with the change
 * @returns 1 where the change is seen, [height, width]
 */
export function visibleChange(before: Uint8Array, after: Uint8Array, region: Region): Uint8Array {
  const { width, height, cover } = region;
  const contrastBefore = localContrast(brightness(before, width * height), width, height);
  const contrast = meanOver(cover, contrastBefore);
  const seen = new Float32Array(width * height);
  const mark = (change: Float32Array, least: number) =>
    change.forEach((value, i) => {
      if (Math.abs(value) >= least) seen[i] = 1;
    });
  for (let c = 0; c < 3; c++) {
    const difference = Float32Array.from(seen, (_, i) => after[3 * i + c] - before[3 * i + c]);
    mark(boxMean(difference, width, height, FINE), Math.max(6, 2 * contrast));
    mark(boxMean(difference, width, height, COARSE), Math.max(4, 0.7 * contrast));
  }
  const contrastAfter = localContrast(brightness(after, seen.length), width, height);
  mark(
    contrastAfter.map((value, i) => value - contrastBefore[i]),
    Math.max(3, 0.4 * contrast),
  );
  const around = boxMean(seen, width, height, COARSE);
  return Uint8Array.from(seen, (value, i) =>
    cover[i] === 0 ? 0 : +(value === 1 ? around[i] > 0.1 : around[i] > 0.55),
  );
}

function brightness(colours: ArrayLike<number>, pixels: number): Float32Array {
  const result = new Float32Array(pixels);
  for (let i = 0; i < pixels; i++) {
    result[i] = (colours[3 * i] + colours[3 * i + 1] + colours[3 * i + 2]) / 3;
  }
  return result;
}

/** The standard deviation in the window about each pixel. */
function localContrast(values: Float32Array, width: number, height: number): Float32Array {
  const mean = boxMean(values, width, height, COARSE);
  const squares = boxMean(
    values.map((value) => value * value),
    width,
    height,
    COARSE,
  );
  return squares.map((square, i) => Math.sqrt(Math.max(0, square - mean[i] * mean[i])));
}
