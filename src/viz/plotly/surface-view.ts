import type { RgbImage } from '../../lib/data/image';
import { colormap } from '../colormap/colormap';
import { levelTitles as titlesOf } from '../figure/model-comparison';
import type { StripScale } from '../figure/strip';
import { surfaceFigure } from '../figure/surface-figure';
import { coarseMap, type CoarseMap } from '../image/coarse-map';
import { outlineOnSurface } from '../image/outline-on-surface';
import { minMaxRange } from '../scale/scale';
import type { Range } from '../scale/scale';
import { FONT_FAMILY } from '../text/font';
import { colourScale, encodedRows, PlotlyView, rounded } from './plotly-view';
import type { EncodedRows, PlotlySpec } from './plotly-view';
import type { ViewedMaps } from './map-view';

export interface SurfaceViewOptions {
  title?: string;
  /** Titles of the levels. Default: their sides, such as 16 × 16, 32 × 32, 64 × 64. */
  levelTitles?: readonly string[];
  /** The values of the last colour. Default: each map on its own, from its smallest value. */
  scale?: StripScale;
  /** Cells along the map's longer side; a cell has the highest value of its pixels. Default 64. */
  resolution?: number;
  /** Side of the view in CSS pixels. Default 560. */
  size?: number;
}

/** A surface with its colours, and what the reader may switch it to. */
interface Shape {
  title: string;
  surface: CoarseMap;
  range: Range;
  /** The colours' values where they are not the heights: the image's brightness. */
  brightness?: EncodedRows;
}

/**
 * The anomaly map as a surface to turn: as high as its values, with the ground truth outlined on it. Buttons switch
 * between the final map, the levels' maps, and the final map with the image laid over it.
 *
 * @throws RangeError if a map is not of the image's size
 */
export async function surfaceView(
  { image, mask, levels, product }: ViewedMaps,
  options: SurfaceViewOptions = {},
): Promise<PlotlyView> {
  const { title = 'Anomaly map as a surface', scale, resolution = 64, size = 560 } = options;
  const { levelTitles = titlesOf(image) } = options;
  const shapes = [product, ...levels].map((map, i): Shape => {
    const range = scale && (i === 0 ? scale.product : scale.levels[i - 1]);
    return {
      title: ['map', ...levelTitles][i],
      surface: coarseMap(map, image, resolution),
      range: range ?? minMaxRange(map),
    };
  });
  const [{ surface, range }] = shapes;
  shapes.push({ title: 'image', surface, range, brightness: brightnessOf(image, surface.step) });

  const outlines = shapes.map((shape) => (mask ? outlineTrace(mask, shape) : null));
  const alt =
    `${title}: final map, the maps of levels ${levelTitles.join(', ')}, ` +
    'and the image laid over the final map.';
  return new PlotlyView(
    {
      data: [
        ...shapes.map((shape, i) => surfaceTrace(shape, i === 0)),
        ...outlines.flatMap((trace, i) => (trace ? [{ ...trace, visible: i === 0 }] : [])),
      ] as unknown as PlotlySpec['data'],
      layout: {
        title: { text: title },
        width: size,
        height: size,
        font: { family: FONT_FAMILY, size: 12 },
        margin: { l: 10, r: 10, t: 90, b: 10 },
        scene: {
          xaxis: { title: { text: 'x' }, range: [-0.5, image.width - 0.5] },
          // The image's upper border is at the back.
          yaxis: { title: { text: 'y' }, range: [image.height - 0.5, -0.5] },
          zaxis: { title: { text: 'value' }, range: heights(shapes[0]) },
          aspectmode: 'manual' as const,
          aspectratio: aspect(image),
          camera: { eye: { x: 0.73, y: -1.6, z: 1.12 }, center: { x: -0.06, y: 0, z: -0.18 } },
        },
        updatemenus: [
          {
            type: 'buttons' as const,
            direction: 'right' as const,
            ...{ x: 0, xanchor: 'left' as const, y: 1.02, yanchor: 'bottom' as const },
            active: 0,
            buttons: shapes.map((shape, shown) => ({
              label: shape.title,
              method: 'update' as const,
              args: [
                {
                  visible: [
                    ...shapes.map((_, i) => i === shown),
                    ...outlines.flatMap((trace, i) => (trace ? [i === shown] : [])),
                  ],
                },
                { 'scene.zaxis.range': heights(shape) },
              ],
            })),
          },
        ],
      },
    },
    alt,
    await surfaceFigure(product, image, {
      ...{ title, mask, range, resolution, alt },
      width: size,
      // Plotly's renderer in JupyterLab shows a picture pixel for pixel.
      pixelRatio: 1,
    }),
  );
}

function surfaceTrace({ title, surface, range, brightness }: Shape, visible: boolean) {
  const { width, height, step } = surface;
  // A cell's place is its middle, in pixels.
  const middles = (cells: number): number[] =>
    Array.from({ length: cells }, (_, i) => i * step + (step - 1) / 2);
  return {
    type: 'surface' as const,
    name: title,
    visible,
    x: middles(width),
    y: middles(height),
    z: encodedRows(surface.values, surface),
    ...(brightness
      ? { surfacecolor: brightness, cmin: 0, cmax: 255, colorscale: colourScale(colormap('grey')) }
      : {
          cmin: rounded(range.lo),
          cmax: rounded(range.hi),
          colorscale: colourScale(colormap('inferno')),
        }),
    showscale: false,
    hovertemplate: 'x %{x:.0f}, y %{y:.0f}<br>value %{z:.3~g}<extra></extra>',
  };
}

function outlineTrace(mask: NonNullable<ViewedMaps['mask']>, { surface, range, title }: Shape) {
  const [lo, hi] = heights({ surface, range });
  // A little above the surface, which would swallow parts of it.
  const lift = 0.01 * (hi - lo);
  const points = outlineOnSurface(mask, surface).flatMap((run) => [
    ...run.map(([x, y, value]) => [
      x * surface.step - 0.5,
      y * surface.step - 0.5,
      rounded(value + lift),
    ]),
    // Ends the line.
    [null, null, null],
  ]);
  const [x, y, z] = [0, 1, 2].map((axis) => points.map((point) => point[axis]));
  return {
    type: 'scatter3d' as const,
    mode: 'lines' as const,
    name: `ground truth, ${title}`,
    ...{ x, y, z },
    line: { color: '#00e5ff', width: 4 },
    showlegend: false,
    hoverinfo: 'skip' as const,
  };
}

/** All of the surface, and up to the last colour's value; with room, since what touches the end is cut off. */
function heights({ surface, range }: Pick<Shape, 'surface' | 'range'>): [number, number] {
  const found = minMaxRange(surface.values);
  const [lo, hi] = [Math.min(found.lo, range.lo), Math.max(found.hi, range.hi)];
  const room = 0.02 * (hi - lo || 1);
  return [rounded(lo - room), rounded(hi + room)];
}

/** The image's brightness in blocks of `step` pixels, 0 to 255. */
function brightnessOf({ width, height, data }: RgbImage, step: number): EncodedRows {
  const [across, down] = [Math.ceil(width / step), Math.ceil(height / step)];
  const sums = new Float64Array(across * down);
  const counts = new Uint32Array(across * down);
  for (let i = 0; i < width * height; i++) {
    const cell = Math.floor(Math.floor(i / width) / step) * across + Math.floor((i % width) / step);
    // Rec. 709's weights of red, green and blue.
    sums[cell] += 0.2126 * data[3 * i] + 0.7152 * data[3 * i + 1] + 0.0722 * data[3 * i + 2];
    counts[cell]++;
  }
  const means = Uint8Array.from(sums, (sum, i) => Math.round(sum / counts[i]));
  return encodedRows(means, { width: across, height: down });
}

function aspect({ width, height }: RgbImage): { x: number; y: number; z: number } {
  const side = Math.max(width, height);
  return { x: width / side, y: height / side, z: 0.6 };
}
