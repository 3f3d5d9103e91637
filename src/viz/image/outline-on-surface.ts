import type { Mask } from '../../lib/data/mask';
import type { CoarseMap } from './coarse-map';
import { coarseMap } from './coarse-map';
import { outlinePath } from './outline';

/** A corner between cells of a coarse map: counted from its upper left, with the height there. */
export type SurfacePoint = readonly [x: number, y: number, value: number];

/**
 * The outline of a mask on the surface of a map of the same image: runs of points at the corners of the map's cells,
 * each as high as the cells that meet there are on average.
 *
 * @param surface made from a map of the mask's size
 */
export function outlineOnSurface(mask: Mask, surface: CoarseMap): SurfacePoint[][] {
  const { values, width, height, step } = surface;
  const coarse = coarseMap(mask.data, mask, Math.ceil(Math.max(mask.width, mask.height) / step));
  const data = Uint8Array.from(coarse.values, (value) => Number(value > 0));
  /** The mean of the cells around a corner, fewer at the border. */
  const at = (x: number, y: number): number => {
    const around = [x - 1, x].flatMap((column) =>
      [y - 1, y].flatMap((row) => {
        const isInside = column >= 0 && row >= 0 && column < width && row < height;
        return isInside ? [values[row * width + column]] : [];
      }),
    );
    return around.reduce((sum, value) => sum + value, 0) / around.length;
  };
  const path = outlinePath({ width: coarse.width, height: coarse.height, data });
  return [...path.matchAll(/M(\d+) (\d+)([HV])(\d+)/g)].map(([, left, top, direction, end]) => {
    const [x, y, last] = [Number(left), Number(top), Number(end)];
    const isAcross = direction === 'H';
    const length = last - (isAcross ? x : y) + 1;
    return Array.from({ length }, (_, i): SurfacePoint => {
      const [column, row] = isAcross ? [x + i, y] : [x, y + i];
      return [column, row, at(column, row)];
    });
  });
}
