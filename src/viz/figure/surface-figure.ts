import type { Mask } from '../../lib/data/mask';
import { loadSharp } from '../../lib/data/sharp';
import { colormap } from '../colormap/colormap';
import { coarseMap, type CoarseMap } from '../image/coarse-map';
import type { MapSize } from '../image/heat-map';
import { outlineOnSurface } from '../image/outline-on-surface';
import { minMaxRange, toUnit } from '../scale/scale';
import type { Range } from '../scale/scale';
import { prepareFont } from '../text/font';
import { colourBarSvg, colourBarWidth } from './colour-bar';
import { Figure } from './figure';
import { LABEL_SIZE, TITLE_SIZE } from './grid-layout';
import { svgLabel } from './svg-label';

export interface SurfaceFigureOptions {
  title?: string;
  /** The ground truth, to be outlined on the surface. */
  mask?: Mask | null;
  /** The values of the first and last colour. Default: smallest and largest value of the map. */
  range?: Range;
  /** Cells along the longer side. Default 64. */
  resolution?: number;
  /** Width of the figure in CSS pixels. Default 560. */
  width?: number;
  /** Pixels of the PNG per CSS pixel. Default 2. */
  pixelRatio?: number;
  /** Default: the map's highest value, in words. */
  alt?: string;
}

type Point = readonly [x: number, y: number];

/** The reader looks from the front, a little from the right, and down on the map. */
const TURN = (-25 * Math.PI) / 180;
const TILT = (38 * Math.PI) / 180;
/** Height of the highest value, where the map's longer side is 1. */
const RELIEF = 0.55;
const MARGIN = 14;
const COLORMAP = 'inferno' as const;

/**
 * A map `[height, width]`, row-major, as a surface seen from above: as high and as bright as its values. The image's
 * lower border is at the front.
 *
 * @throws RangeError if the map's length is not width times height, or it has no finite value
 */
export async function surfaceFigure(
  map: Float32Array,
  size: MapSize,
  options: SurfaceFigureOptions = {},
): Promise<Figure> {
  const { title, mask, resolution = 64, width = 560, pixelRatio = 2 } = options;
  const surface = coarseMap(map, size, resolution);
  const { hi: highest } = minMaxRange(surface.values);
  if (!surface.values.some(Number.isFinite)) {
    throw new RangeError('surfaceFigure: expected a map with values, found none that is finite');
  }
  const range = options.range ?? minMaxRange(map);
  const view = projection(surface, { lo: range.lo, hi: Math.max(highest, range.hi) }, width);
  const top = MARGIN + (title === undefined ? 0 : TITLE_SIZE + 10);
  const height = top + view.height + LABEL_SIZE + 22;
  const bar = { colormap: COLORMAP, lo: short(range.lo, range.hi), hi: short(range.hi) };
  const parts = [
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    title === undefined
      ? ''
      : svgLabel(title, {
          ...{ x: width / 2, y: MARGIN + TITLE_SIZE - 2, size: TITLE_SIZE },
          ...{ bold: true, maxWidth: width - 2 * MARGIN },
        }),
    `<g transform="translate(${MARGIN} ${top})">`,
    ...facets(surface, toUnit(surface.values, range), colormap(COLORMAP), view.place),
    mask ? outline(mask, surface, view.place) : '',
    '</g>',
    colourBarSvg(bar, width - MARGIN - colourBarWidth(bar), height - 14),
    svgLabel(`highest value ${short(highest)}`, {
      ...{ x: MARGIN, y: height - 14 + 0.36 * LABEL_SIZE, size: LABEL_SIZE },
      ...{ anchor: 'start', maxWidth: width / 2 },
    }),
  ];
  const picture = (scale: number): string =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.round(width * scale)}" ` +
    `height="${Math.round(height * scale)}" viewBox="0 0 ${width} ${height}">${parts.join('')}</svg>`;
  await prepareFont();
  const sharp = loadSharp();
  const png = await sharp(Buffer.from(picture(pixelRatio)))
    .flatten({ background: '#fff' })
    .png({ compressionLevel: 9 })
    .toBuffer();
  const alt =
    options.alt ?? `${title ?? 'A map'} as a surface; its highest value is ${short(highest)}.`;
  return new Figure(width, height, png, alt, () => Promise.resolve(picture(1)));
}

interface Projection {
  /** Where a point of the surface is drawn: corners between cells count from the upper left. */
  place: (x: number, y: number, value: number) => Point;
  height: number;
}

/** Parallel projection of the surface and the ground that it stands on, as wide as the figure's inside. */
function projection(
  { values, width, height }: CoarseMap,
  { lo, hi }: Range,
  figure: number,
): Projection {
  const side = Math.max(width, height);
  const extent = hi - lo || 1;
  const flat = (x: number, y: number, value: number): Point => {
    const [across, along] = [(x - width / 2) / side, (height / 2 - y) / side];
    const up =
      RELIEF * Math.min(1, Math.max(0, ((Number.isFinite(value) ? value : lo) - lo) / extent));
    const depth = along * Math.cos(TURN) - across * Math.sin(TURN);
    return [
      across * Math.cos(TURN) + along * Math.sin(TURN),
      -up * Math.cos(TILT) - depth * Math.sin(TILT),
    ];
  };
  const places = [
    ...[0, width].flatMap((x) => [0, height].map((y) => flat(x, y, lo))),
    ...Array.from(values, (value, i) =>
      flat((i % width) + 0.5, Math.floor(i / width) + 0.5, value),
    ),
  ];
  const [across, down] = [0, 1].map((axis) => minMaxRange(places.map((place) => place[axis])));
  const zoom = (figure - 2 * MARGIN) / (across.hi - across.lo);
  return {
    place: (x, y, value) => {
      const [right, below] = flat(x, y, value);
      return [zoom * (right - across.lo), zoom * (below - down.lo)];
    },
    height: zoom * (down.hi - down.lo),
  };
}

/** The quadrilaterals between the centres of four cells each, those at the back first. */
function facets(
  { values, width, height }: CoarseMap,
  unit: Float32Array,
  table: Uint8Array,
  place: Projection['place'],
): string[] {
  const drawn: string[] = [];
  for (let y = 0; y + 1 < height; y++) {
    // Because of the turn the right end of a row is further away.
    for (let x = width - 2; x >= 0; x--) {
      const corners = [
        [x, y],
        [x + 1, y],
        [x + 1, y + 1],
        [x, y + 1],
      ];
      const cells = corners.map(([column, row]) => row * width + column);
      const points = corners.map(([column, row], i) =>
        place(column + 0.5, row + 0.5, values[cells[i]]),
      );
      const mean = cells.reduce((sum, cell) => sum + (unit[cell] || 0), 0) / cells.length;
      const entry = 3 * Math.round(255 * mean);
      const colour = `rgb(${table.subarray(entry, entry + 3).join(',')})`;
      drawn.push(
        `<path d="M${points.map(coordinates).join('L')}Z" fill="${colour}" stroke="${colour}" ` +
          'stroke-width=".4"/>',
        // A fine grid shows the shape where the colour does not.
        `<path d="M${points.slice(1).map(coordinates).join('L')}" fill="none" stroke="#fff" ` +
          'stroke-opacity=".22" stroke-width=".4"/>',
      );
    }
  }
  return drawn;
}

function outline(mask: Mask, surface: CoarseMap, place: Projection['place']): string {
  const path = outlineOnSurface(mask, surface)
    .map((run) => `M${run.map((point) => coordinates(place(...point))).join('L')}`)
    .join('');
  if (path === '') return '';
  const line = (colour: string, width: number): string =>
    `<path d="${path}" fill="none" stroke="${colour}" stroke-width="${width}" ` +
    'stroke-linecap="round" stroke-linejoin="round"/>';
  return line('#000', 2.6) + line('#00e5ff', 1.4);
}

function coordinates([x, y]: Point): string {
  return `${x.toFixed(1)} ${y.toFixed(1)}`;
}

/** Two digits; 0 for what is nothing beside `large`. */
function short(value: number, large = 0): string {
  return Math.abs(value) < 1e-3 * large ? '0' : `${Number(value.toPrecision(2))}`;
}
