import type { Graph, instance } from '@viz-js/viz';
import { loadSharp } from '../../lib/data/sharp';
import { Figure } from '../figure/figure';
import { FONT_FAMILY, prepareFont } from '../text/font';

/** A place in a diagram, in CSS pixels from its upper left corner. */
export type Point = readonly [x: number, y: number];

/** A box with a text. */
export interface DiagramBox {
  id: string;
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

/** A line from box to box or place to place, with an arrow at its end unless told otherwise. */
export interface DiagramLine {
  /**
   * Boxes by their id, and places on the way; the line is straight between them. With `:n`, `:e`,
   * `:s` or `:w` it meets the middle of that side of the box, otherwise it aims at its centre.
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
    id: `text ${label} ${at.join()}`,
    at,
    size: [60, 16],
    label,
    fill: 'transparent',
    border: 'none',
    ...style,
  };
}

const TEXT_SIZE = 11;
const LINE_COLOUR = '#444444';
const MARGIN = 10;

/**
 * Draws boxes and lines where they are told to be. Graphviz trims the lines to the boxes and sets
 * arrows and text.
 *
 * @param alt what the diagram shows, in words
 * @throws Error if a line names a box that there is not, or Graphviz refuses the graph
 */
export async function drawDiagram(diagram: Diagram, alt: string, pixelRatio = 2): Promise<Figure> {
  const svg = tidy(
    (await graphviz()).renderString(graphOf(diagram), { format: 'svg', engine: 'neato' }),
  );
  await prepareFont();
  const sharp = loadSharp();
  const { data, info } = await sharp(Buffer.from(svg), { density: 72 * pixelRatio })
    .flatten({ background: '#fff' })
    .png({ compressionLevel: 9, palette: true, quality: 100 })
    .toBuffer({ resolveWithObject: true });
  const [width, height] = [info.width, info.height].map((side) => Math.round(side / pixelRatio));
  return new Figure(width, height, data, alt, () => Promise.resolve(svg));
}

let loaded: ReturnType<typeof instance> | undefined;

/** Graphviz is compiled to WebAssembly: a tenth of a second, spent only by those who draw diagrams. */
function graphviz(): ReturnType<typeof instance> {
  loaded ??= (require('@viz-js/viz') as typeof import('@viz-js/viz')).instance();
  return loaded;
}

function graphOf({ boxes, lines }: Diagram): Graph {
  const known = new Set(boxes.map(({ id }) => id));
  const waypoints: NonNullable<Graph['nodes']> = [];
  const edges = lines.flatMap((line) => {
    const stops = line.through.map((stop): { name: string; side?: string } => {
      if (typeof stop !== 'string') {
        const name = `waypoint ${waypoints.length}`;
        const shape = { shape: 'point', width: 0, height: 0, style: 'invis', label: '' };
        waypoints.push({ name, attributes: { ...shape, pos: position(stop) } });
        return { name };
      }
      const [, name, side] = /^(.*?)(?::([nesw]))?$/.exec(stop) as RegExpExecArray;
      if (!known.has(name)) throw new Error(`drawDiagram: there is no box "${name}" for a line`);
      return { name, side };
    });
    return stops.slice(1).map((head, i) => ({
      tail: stops[i].name,
      head: head.name,
      attributes: {
        ...(stops[i].side && { tailport: stops[i].side }),
        ...(head.side && { headport: head.side }),
        color: line.colour ?? LINE_COLOUR,
        style: line.isDashed ? 'dashed' : 'solid',
        dir: i === stops.length - 2 && line.hasArrow !== false ? 'forward' : 'none',
      },
    }));
  });
  return {
    directed: true,
    graphAttributes: {
      inputscale: 72,
      splines: 'line',
      // Lines are drawn first, so that boxes lie on them.
      outputorder: 'edgesfirst',
      pad: MARGIN / 72,
      bgcolor: '#ffffff',
    },
    nodeAttributes: { fixedsize: true, fontname: FONT_FAMILY },
    edgeAttributes: { arrowsize: 0.6, penwidth: 1.2 },
    nodes: [...boxes.map(nodeOf), ...waypoints],
    edges,
  };
}

function nodeOf(box: DiagramBox) {
  const { id, at, size, label, fill = '#ffffff', border = LINE_COLOUR } = box;
  return {
    name: id,
    attributes: {
      pos: position(at),
      // Graphviz has sizes in inches.
      width: size[0] / 72,
      height: size[1] / 72,
      // Graphviz reads \l as the end of a line that is set to the left.
      label: label.replace(/\\/g, '\\\\') + (box.align === 'left' ? '\\l' : ''),
      shape: box.shape ?? 'box',
      style: box.isRounded ? 'filled,rounded' : 'filled',
      fillcolor: fill,
      color: border === 'none' ? 'transparent' : border,
      fontcolor: box.textColour ?? '#222222',
      fontsize: box.textSize ?? TEXT_SIZE,
    },
  };
}

/** Pinned there; Graphviz's y points up. */
function position([x, y]: Point): string {
  return `${x},${-y}!`;
}

/** Plain SVG in pixels: without document type, comments and tooltips. */
function tidy(svg: string): string {
  return svg
    .replace(
      /<\?xml[^>]*>\s*|<!DOCTYPE[^>]*>\s*|<!--[\s\S]*?-->\s*|<title>[\s\S]*?<\/title>\s*/g,
      '',
    )
    .replace(/(<svg width="[\d.]+)pt(" height="[\d.]+)pt"/, '$1$2"')
    .trim();
}
