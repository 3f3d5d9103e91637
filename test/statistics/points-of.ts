import type { Points } from '../../src/lib/statistics/points';

/** Points from their rows. */
export function pointsOf(rows: readonly (readonly number[])[]): Points {
  return {
    count: rows.length,
    dimensions: rows[0].length,
    data: Float32Array.from(rows.flat()),
  };
}
