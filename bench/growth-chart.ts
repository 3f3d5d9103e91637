import { Chart } from '../src/viz/charts/chart';
import { seriesEncoding } from '../src/viz/charts/theme';
import { valueOnAxis } from './growth-points';
import type { GrowthPoint } from './growth-points';

/** A point with what was measured there. */
export interface MeasuredPoint extends GrowthPoint {
  millisecondsPerImage: number;
  /** The most memory that the process had resident, preparation included. */
  peakGigabytes: number;
}

const QUANTITIES = [
  { field: 'millisecondsPerImage', title: 'ms an image' },
  { field: 'peakGigabytes', title: 'peak memory, GB' },
] as const;

/** Time and memory, one below the other, over each axis, side by side; axes of sizes are logarithmic. */
export function growthChart(points: readonly MeasuredPoint[], subtitle: string): Promise<Chart> {
  const axes = [...new Set(points.map(({ axis }) => axis))];
  const series = [...new Set(points.map((point) => point.series))];
  const column = (axis: GrowthPoint['axis']) => {
    const values = points
      .filter((point) => point.axis === axis)
      .map((point) => ({ ...point, value: valueOnAxis(point) }));
    const ticks = [...new Set(values.map(({ value }) => value))];
    return {
      data: { values },
      vconcat: QUANTITIES.map(({ field, title }) => ({
        width: 180,
        height: 150,
        mark: { type: 'line' as const, point: true },
        encoding: {
          x: {
            field: 'value',
            type: 'quantitative' as const,
            title: axis,
            scale: { type: 'log' as const, base: 2 },
            axis: { values: ticks, format: 'd' },
          },
          y: { field, type: 'quantitative' as const, title, scale: { zero: true } },
          ...seriesEncoding('series', series),
        },
      })),
    };
  };
  return Chart.from(
    {
      title: { text: 'How cost grows', subtitle },
      hconcat: axes.map(column),
      spacing: 24,
    },
    `Milliseconds an image and peak memory over ${axes.join(', ')}; ${series.join(', ')}.`,
  );
}
