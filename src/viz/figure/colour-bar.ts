import { colormap, type ColormapName } from '../colormap/colormap';
import { labelWidth, LABEL_SIZE } from './grid-layout';
import { svgLabel } from './svg-label';

/** The key to a figure's colours. */
export interface ColourBar {
  colormap: ColormapName;
  /** What the first and the last colour stand for. */
  lo: string;
  hi: string;
}

const BAR_WIDTH = 110;
const BAR_HEIGHT = 9;
const GAP = 6;
const STOPS = 32;

/** The width of a colour bar with its two labels, in CSS pixels. */
export function colourBarWidth({ lo, hi }: ColourBar): number {
  return labelWidth(lo) + GAP + BAR_WIDTH + GAP + labelWidth(hi);
}

/** A colour bar with its labels as SVG, its left end at `left`, centred on `middle`. */
export function colourBarSvg(bar: ColourBar, left: number, middle: number): string {
  const table = colormap(bar.colormap);
  const stops = Array.from({ length: STOPS }, (_, i) => {
    const position = i / (STOPS - 1);
    const entry = 3 * Math.round(255 * position);
    const colour = `rgb(${table.slice(entry, entry + 3).join(',')})`;
    return `<stop offset="${position.toFixed(4)}" stop-color="${colour}"/>`;
  });
  const id = `bar-${bar.colormap}`;
  const barLeft = left + labelWidth(bar.lo) + GAP;
  const label = { size: LABEL_SIZE, y: middle + 0.36 * LABEL_SIZE, maxWidth: Infinity };
  return (
    `<defs><linearGradient id="${id}">${stops.join('')}</linearGradient></defs>` +
    svgLabel(bar.lo, { ...label, x: left, anchor: 'start' }) +
    `<rect x="${barLeft}" y="${middle - BAR_HEIGHT / 2}" width="${BAR_WIDTH}" ` +
    `height="${BAR_HEIGHT}" fill="url(#${id})" stroke="#555" stroke-width="0.5"/>` +
    svgLabel(bar.hi, { ...label, x: barLeft + BAR_WIDTH + GAP, anchor: 'start' })
  );
}
