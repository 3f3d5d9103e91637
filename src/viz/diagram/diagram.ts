import { loadSharp } from '../../lib/data/sharp';
import { Figure } from '../figure/figure';
import { svgLabel } from '../figure/svg-label';
import { minMaxRange } from '../scale/scale';
import { prepareFont } from '../text/font';

/** A place in a diagram, in CSS pixels from its upper left corner. */
export type Point = readonly [x: number, y: number];

/** A box with a text. */
export interface DiagramBox {
  /** By which lines refer to it. */
  id?: string;
  /** Of its centre. */
  at: Point;
  size: readonly [width: number, height: number];
  /** A line break starts a new line. */
  label: string;
  /** Fill colour. Default white. */
  fill?: string;
  /** Colour of the border; `none` leaves it out. Default dark grey. */
  border?: string;
  textColour?: string;
  textSize?: number;
  /** Default centred. */
  align?: 'left';
  shape?: 'box' | 'ellipse';
  isRounded?: boolean;
}

/** A line from box to box or place to place, with an arrow at its end by default. */
export interface DiagramLine {
  /**
   * Boxes by their id, and places on the way; the line is straight between them. With `:n`, `:e`,
   * `:s` or `:w` it meets the middle of that side of the box, otherwise it aims at its centre and
   * ends at the border.
   */
  through: readonly (string | Point)[];
  colour?: string;
  isDashed?: boolean;
  hasArrow?: boolean;
}

export interface Diagram {
  boxes: readonly DiagramBox[];
  lines: readonly DiagramLine[];
}

/** A text without a box around it. */
export function freeText(
  label: string,
  at: Point,
  style: Pick<DiagramBox, 'textColour' | 'textSize' | 'align' | 'fill'> & {
    size?: DiagramBox['size'];
  } = {},
): DiagramBox {
  return {
    at,
    size: [60, 16],
    label,
    fill: 'transparent',
    border: 'none',
    ...style,
  };
}

/** Of a box's text, where it says nothing else. */
export const TEXT_SIZE = 11;
/** From one line of a text to the next, in font sizes. */
const LINE_HEIGHT = 1.2;
/** Left of a text that is left-aligned. */
const PADDING = 8;
const LINE_COLOUR = '#444444';
const LINE_WIDTH = 1.2;
const BORDER_WIDTH = 1;
const ARROW = { length: 7.5, width: 6 };
const CORNER_RADIUS = 12;
const MARGIN = 10;

/**
 * Draws boxes and lines in their given places, the boxes above the lines.
 *
 * @param alt what the diagram shows, in words
 * @throws Error if a line names a box that does not exist
 */
export async function drawDiagram(diagram: Diagram, alt: string, pixelRatio = 2): Promise<Figure> {
  const svg = diagramSvg(diagram);
  await prepareFont();
  const sharp = loadSharp();
  const { data, info } = await sharp(Buffer.from(svg), { density: 72 * pixelRatio })
    .flatten({ background: '#fff' })
    .png({ compressionLevel: 9, palette: true, quality: 100 })
    .toBuffer({ resolveWithObject: true });
  const [width, height] = [info.width, info.height].map((side) => Math.round(side / pixelRatio));
  return new Figure(width, height, data, alt, () => Promise.resolve(svg));
}

function diagramSvg({ boxes, lines }: Diagram): string {
  const byId = new Map(boxes.map((box) => [box.id, box]));
  const drawnLines = lines.map((line) => ({ line, points: pointsOf(line, byId) }));
  const corners = boxes.flatMap(({ at: [x, y], size: [width, height] }): Point[] => [
    [x - width / 2, y - height / 2],
    [x + width / 2, y + height / 2],
  ]);
  const places = [...corners, ...drawnLines.flatMap(({ points }) => points)];
  const [across, down] = [0, 1].map((axis) => minMaxRange(places.map((place) => place[axis])));
  const [left, top] = [across.lo - MARGIN, down.lo - MARGIN].map(Math.floor);
  const [width, height] = [across.hi + MARGIN - left, down.hi + MARGIN - top].map(Math.ceil);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
      `viewBox="${left} ${top} ${width} ${height}">`,
    `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="#ffffff"/>`,
    ...drawnLines.map(({ line, points }) => lineSvg(line, points)),
    ...boxes.map(boxSvg),
    '</svg>',
  ].join('');
}

/** A line from border to border. */
function pointsOf(
  { through }: DiagramLine,
  boxes: ReadonlyMap<string | undefined, DiagramBox>,
): Point[] {
  const stops = through.map((stop): { at: Point; box?: DiagramBox } => {
    if (typeof stop !== 'string') return { at: stop };
    const [, id, side] = /^(.*?)(?::([nesw]))?$/.exec(stop) as RegExpExecArray;
    const box = boxes.get(id);
    if (!box) throw new Error(`drawDiagram: there is no box "${id}" for a line`);
    return side === undefined ? { at: box.at, box } : { at: middleOfSide(box, side) };
  });
  return stops.map(({ at, box }, i) => {
    const next = i === 0 ? stops[1] : i === stops.length - 1 ? stops[i - 1] : undefined;
    return box && next ? onBorder(box, next.at) : at;
  });
}

function middleOfSide({ at: [x, y], size: [width, height] }: DiagramBox, side: string): Point {
  if (side === 'n' || side === 's') return [x, y + ((side === 'n' ? -1 : 1) * height) / 2];
  return [x + ((side === 'w' ? -1 : 1) * width) / 2, y];
}

/** Where the straight line from a place to the middle of a box meets the outer edge of its border. */
function onBorder({ at: [x, y], size, shape }: DiagramBox, from: Point): Point {
  const [right, below] = [from[0] - x, from[1] - y];
  const [a, b] = size.map((side) => (side + BORDER_WIDTH) / 2);
  const distance =
    shape === 'ellipse'
      ? Math.hypot(right / a, below / b)
      : Math.max(Math.abs(right) / a, Math.abs(below) / b);
  // A place inside the box is left where it is.
  const share = 1 / Math.max(1, distance);
  return [x + share * right, y + share * below];
}

function lineSvg({ colour = LINE_COLOUR, isDashed, hasArrow }: DiagramLine, points: Point[]) {
  const drawn = [...points];
  let arrow = '';
  if (hasArrow !== false) {
    const [from, tip] = points.slice(-2);
    const [x, y] = [tip[0] - from[0], tip[1] - from[1]];
    const length = Math.hypot(x, y);
    const [ahead, aside] = [ARROW.length / length, ARROW.width / 2 / length];
    const base: Point = [tip[0] - ahead * x, tip[1] - ahead * y];
    const sides: Point[] = [-1, 1].map((sign) => [
      base[0] - sign * aside * y,
      base[1] + sign * aside * x,
    ]);
    arrow = `<path d="${pathOf([tip, ...sides])}Z" fill="${colour}"/>`;
    // The line ends inside its arrow, whose tip it would blunt.
    drawn[drawn.length - 1] = [tip[0] - 0.8 * ahead * x, tip[1] - 0.8 * ahead * y];
  }
  return (
    `<path d="${pathOf(drawn)}" fill="none" stroke="${colour}" stroke-width="${LINE_WIDTH}"` +
    `${isDashed ? ' stroke-dasharray="5 2"' : ''}/>${arrow}`
  );
}

function pathOf(points: readonly Point[]): string {
  return `M${points.map(([x, y]) => `${rounded(x)} ${rounded(y)}`).join('L')}`;
}

function boxSvg(box: DiagramBox): string {
  const { at, size, label, fill = '#ffffff', border = LINE_COLOUR } = box;
  const [x, y] = at;
  const [width, height] = size;
  const left = x - width / 2;
  const style = `fill="${fill}" stroke="${border}" stroke-width="${BORDER_WIDTH}"`;
  const radius = box.isRounded ? Math.min(CORNER_RADIUS, height / 3) : 0;
  const outline =
    box.shape === 'ellipse'
      ? `<ellipse cx="${x}" cy="${y}" rx="${width / 2}" ry="${height / 2}" ${style}/>`
      : `<rect x="${rounded(left)}" y="${rounded(y - height / 2)}" width="${rounded(width)}" ` +
        `height="${rounded(height)}"${radius > 0 ? ` rx="${rounded(radius)}"` : ''} ${style}/>`;
  const isSeen = fill !== 'transparent' || border !== 'none';
  const textSize = box.textSize ?? TEXT_SIZE;
  const texts = label.split('\n');
  const labels = texts.map((text, i) =>
    svgLabel(text, {
      ...(box.align === 'left'
        ? { x: rounded(left + PADDING), anchor: 'start' }
        : { x: rounded(x), anchor: 'middle' }),
      // The middle of the letters lies about .36 of the font size above the baseline.
      y: rounded(y + textSize * (0.36 + LINE_HEIGHT * (i - (texts.length - 1) / 2))),
      size: textSize,
      colour: box.textColour,
      maxWidth: Infinity,
    }),
  );
  return [...(isSeen ? [outline] : []), ...(label === '' ? [] : labels)].join('');
}

function rounded(value: number): number {
  return Math.round(100 * value) / 100;
}
