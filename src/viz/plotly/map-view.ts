import type { RgbImage } from '../../lib/data/image';
import type { Mask } from '../../lib/data/mask';
import { loadSharp } from '../../lib/data/sharp';
import { colormap } from '../colormap/colormap';
import { comparisonStrip, type StripScale } from '../figure/strip';
import { outlinePath } from '../image/outline';
import { minMaxRange } from '../scale/scale';
import { FONT_FAMILY } from '../text/font';
import { colourScale, encodedRows, PlotlyView, rounded } from './plotly-view';
import type { PlotlySpec } from './plotly-view';

/** An image with what a model says of it; maps of the image's size, row-major `[height, width]`. */
export interface ViewedMaps {
  image: RgbImage;
  /** The ground truth, to be outlined. */
  mask?: Mask | null;
  /** Maps of the levels, the coarsest first. */
  levels: readonly Float32Array[];
  /** The final map. */
  product: Float32Array;
}

export interface MapViewOptions {
  title?: string;
  /** Titles of the levels. Default 16 x 16, 32 x 32, 64 x 64. */
  levelTitles?: readonly string[];
  /** The values of the last colour. Default: each map on its own, from its smallest value. */
  scale?: StripScale;
  /** Side of the view in CSS pixels. Default 560. */
  size?: number;
}

const LEVEL_TITLES = ['16 × 16', '32 × 32', '64 × 64'];

/**
 * A zoomable view of an image and its maps: buttons switch between the input, the final map and the
 * levels' maps, the pointer reads pixel and value.
 */
export async function mapView(
  { image, mask, levels, product }: ViewedMaps,
  { title = 'Anomaly map', levelTitles = LEVEL_TITLES, scale, size = 560 }: MapViewOptions = {},
): Promise<PlotlyView> {
  const { width, height } = image;
  const maps = [product, ...levels];
  const titles = ['map', ...levelTitles];
  const ranges = maps.map((map, i) =>
    scale ? (i === 0 ? scale.product : scale.levels[i - 1]) : minMaxRange(map),
  );
  const sharp = loadSharp();
  const png = await sharp(image.data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  const alt = `${title}: input, final map and the maps of levels ${levelTitles.join(', ')}.`;
  const axis = { visible: false, constrain: 'domain' as const };
  return new PlotlyView(
    {
      data: maps.map((map, i) => ({
        type: 'heatmap' as const,
        name: titles[i],
        visible: i === 0,
        z: encodedRows(map, image),
        zmin: rounded(ranges[i].lo),
        zmax: rounded(ranges[i].hi),
        colorscale: colourScale(colormap('inferno')),
        hovertemplate: 'x %{x}, y %{y}<br>value %{z:.3~g}<extra></extra>',
      })) as unknown as PlotlySpec['data'],
      layout: {
        title: { text: title },
        width: size,
        height: size,
        font: { family: FONT_FAMILY, size: 12 },
        margin: { l: 10, r: 10, t: 90, b: 10 },
        dragmode: 'pan' as const,
        xaxis: { ...axis, range: [-0.5, width - 0.5] },
        yaxis: { ...axis, range: [height - 0.5, -0.5], scaleanchor: 'x' as const },
        images: [
          {
            source: `data:image/png;base64,${png.toString('base64')}`,
            xref: 'x' as const,
            yref: 'y' as const,
            x: -0.5,
            y: -0.5,
            sizex: width,
            sizey: height,
            sizing: 'stretch' as const,
            layer: 'below' as const,
          },
        ],
        shapes: mask
          ? [{ type: 'path' as const, path: outline(mask), line: { color: '#00e5ff', width: 1.5 } }]
          : [],
        updatemenus: [
          {
            type: 'buttons' as const,
            direction: 'right' as const,
            x: 0,
            xanchor: 'left' as const,
            y: 1.02,
            yanchor: 'bottom' as const,
            active: 1,
            buttons: ['input', ...titles].map((label, shown) => ({
              label,
              method: 'restyle' as const,
              args: [{ visible: maps.map((_, i) => i + 1 === shown) }],
            })),
          },
        ],
      },
    },
    alt,
    await comparisonStrip([{ image, mask, models: [{ name: '', levels, product, scale }] }], {
      title,
      levelTitles,
      look: scale ? 'shared' : 'paper',
      outlines: true,
      // Plotly's renderer in JupyterLab shows a picture pixel for pixel.
      pixelRatio: 1,
    }),
  );
}

/** The mask's outline where pixels are centred on whole numbers. */
function outline(mask: Mask): string {
  const path = outlinePath(mask);
  return path.replace(/\d+/g, (number) => ` ${Number(number) - 0.5} `) || 'M0 0';
}
