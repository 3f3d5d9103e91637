import { Chart } from './chart';
import { REFERENCE_COLOUR, SERIES_COLOURS } from './theme';

/** Points of the plane that belong together. */
export interface PointSeries {
  name: string;
  /** x and y of each point, one after the other: [points, 2]. */
  points: ArrayLike<number>;
  /** `dot`: small and pale, for many; the others are to be found among them. Default `dot`. */
  mark?: keyof typeof MARKS;
}

export interface PointCloudOptions {
  title: string;
  subtitle?: string | string[];
  /** Default "first component" and "second component". */
  axisTitles?: readonly [x: string, y: string];
}

const SIZE = { width: 440, height: 320 };
const MARKS = {
  dot: { shape: 'circle', size: 8, opacity: 0.5 },
  point: { shape: 'circle', size: 20, opacity: 0.6 },
  diamond: { shape: 'diamond', size: 110, opacity: 1 },
  cross: { shape: 'cross', size: 45, opacity: 0.9 },
} as const;

/**
 * Points in the plane, such as features along their first two principal components. Later series lie above earlier ones.
 *
 * @throws RangeError if there are no points, or one has no y
 */
export async function pointCloud(
  series: readonly PointSeries[],
  {
    title,
    subtitle,
    axisTitles: [xTitle, yTitle] = ['first component', 'second component'],
  }: PointCloudOptions,
): Promise<Chart> {
  const odd = series.find(({ points }) => points.length % 2 !== 0);
  if (odd) throw new RangeError(`pointCloud: expected pairs of numbers in ${odd.name}`);
  if (!series.some(({ points }) => points.length > 0)) {
    throw new RangeError('pointCloud: expected points, found none');
  }
  const domain = series.map(({ name }) => name);
  // What there is most of is grey, and the colours are left to the rest.
  const colours = series.map((_, i) => (i === 0 ? REFERENCE_COLOUR : SERIES_COLOURS[i - 1]));
  const shapes = series.map(({ mark = 'dot' }) => MARKS[mark].shape);
  const legend = { title: null, symbolOpacity: 1 };
  return Chart.from(
    {
      title: { text: title, ...(subtitle ? { subtitle } : {}) },
      ...SIZE,
      layer: series.map(({ name, points, mark = 'dot' }) => {
        const { size, opacity } = MARKS[mark];
        return {
          data: {
            values: Array.from({ length: points.length / 2 }, (_, i) => ({
              x: Number(points[2 * i].toPrecision(4)),
              y: Number(points[2 * i + 1].toPrecision(4)),
              series: name,
            })),
          },
          mark: { type: 'point' as const, size, opacity, filled: true },
          encoding: {
            x: { field: 'x', ...axis(xTitle) },
            y: { field: 'y', ...axis(yTitle) },
            color: {
              field: 'series',
              type: 'nominal' as const,
              scale: { domain, range: colours },
              legend,
            },
            shape: {
              field: 'series',
              type: 'nominal' as const,
              scale: { domain, range: shapes },
              legend,
            },
          },
        };
      }),
    },
    `${title}: ${series.map(({ name, points }) => `${points.length / 2} ${name}`).join(', ')}.`,
  );
}

function axis(title: string) {
  return {
    type: 'quantitative' as const,
    title,
    scale: { zero: false, nice: true },
    axis: { tickCount: 5 },
  };
}
