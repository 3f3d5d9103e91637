import type { OverlayOptions } from 'sharp';
import type { RgbImage } from '../../lib/data/image';
import { loadSharp } from '../../lib/data/sharp';
import { prepareFont } from '../text/font';
import { colourBarSvg, colourBarWidth, type ColourBar } from './colour-bar';
import { Figure } from './figure';
import { layOutGrid, LABEL_SIZE, TITLE_SIZE, type GridLayout } from './grid-layout';
import { svgLabel } from './svg-label';

/** One picture of the grid. */
export interface Panel {
  image: RgbImage;
  /** Regions to outline, as SVG path data in the image's pixel coordinates; see `outlinePath`. */
  outline?: string;
  /** A line below the picture. */
  caption?: string;
}

/** A row of panels; `null` leaves a place empty. */
export interface GridRow {
  label?: string;
  panels: readonly (Panel | null)[];
}

/** Rows that belong together, such as the models' results on one image. */
export interface GridBlock {
  label?: string;
  rows: readonly GridRow[];
}

export interface PanelGridOptions {
  /** What the figure shows, in words, for those who cannot see it. */
  alt: string;
  title?: string;
  /** One title per column; a line break starts a second line. */
  columnTitles?: readonly string[];
  /** Width of a panel in CSS pixels. Default 150. */
  panelWidth?: number;
  /** Pixels of the PNG per CSS pixel. Default 2. */
  pixelRatio?: number;
  /** Blocks side by side. Default 1. */
  blockColumns?: number;
  colourBar?: ColourBar;
  /** A short remark in the last line. */
  note?: string;
  /** `smooth` for pictures, `pixels` to show each pixel as a square. Default `smooth`. */
  enlarge?: 'smooth' | 'pixels';
}

/**
 * Composes panels, labels and colour bar into one picture on white.
 *
 * Panels keep their proportions; the first one's set the height of all. Labels too long for their
 * place end in an ellipsis.
 *
 * @throws RangeError if there is no panel, or the titles do not match the longest row
 */
export async function panelGrid(
  blocks: readonly GridBlock[],
  options: PanelGridOptions,
): Promise<Figure> {
  const { panelWidth = 150, pixelRatio = 2, blockColumns = 1, columnTitles = [] } = options;
  const rows = blocks.flatMap((block) => block.rows);
  const first = rows.flatMap((row) => row.panels).find((panel) => panel !== null);
  if (!first) throw new RangeError('panelGrid: expected at least one panel, found none');
  const columns = Math.max(...rows.map((row) => row.panels.length));
  if (columnTitles.length > 0 && columnTitles.length !== columns) {
    throw new RangeError(
      `panelGrid: expected ${columns} column titles, found ${columnTitles.length}`,
    );
  }
  const layout = layOutGrid({
    panelWidth,
    panelHeight: Math.round((panelWidth * first.image.height) / first.image.width),
    columns,
    rowsOfBlocks: blocks.map((block) => block.rows.length),
    blockColumns: Math.min(blockColumns, blocks.length),
    hasTitle: options.title !== undefined,
    columnTitleLines: Math.max(0, ...columnTitles.map((title) => title.split('\n').length)),
    hasBlockLabels: blocks.some((block) => block.label !== undefined),
    hasRowLabels: rows.some((row) => row.label !== undefined),
    hasCaptions: rows.some((row) => row.panels.some((panel) => panel?.caption !== undefined)),
    hasFooter: options.colourBar !== undefined || options.note !== undefined,
  });

  await prepareFont();
  const width = Math.round(layout.width * pixelRatio);
  const height = Math.round(layout.height * pixelRatio);
  const pictures = await Promise.all(
    placedPanels(blocks, layout).map(({ panel, left, top }) =>
      pictureLayer(panel, left, top, panelWidth, layout.rowHeight, pixelRatio, options.enlarge),
    ),
  );
  const parts = drawingParts(blocks, layout, panelWidth, columns, options);
  const drawing = Buffer.from(svgPicture(layout, pixelRatio, parts));
  const sharp = loadSharp();
  const png = await sharp({ create: { width, height, channels: 3, background: '#fff' } })
    .composite([...pictures, { input: drawing, left: 0, top: 0 }])
    .png({ compressionLevel: 9 })
    .toBuffer();
  return new Figure(layout.width, layout.height, png, options.alt, async () => {
    const images = await Promise.all(
      placedPanels(blocks, layout).map((placed) =>
        embeddedPicture(placed, panelWidth, layout.rowHeight, options.enlarge),
      ),
    );
    const paper = `<rect width="${layout.width}" height="${layout.height}" fill="#fff"/>`;
    return svgPicture(layout, 1, [paper, ...images, ...parts]);
  });
}

interface PlacedPanel {
  panel: Panel;
  left: number;
  top: number;
}

function placedPanels(blocks: readonly GridBlock[], layout: GridLayout): PlacedPanel[] {
  return blocks.flatMap((block, b) =>
    block.rows.flatMap((row, r) =>
      row.panels.flatMap((panel, c) => (panel ? [{ panel, ...layout.panel(b, r, c) }] : [])),
    ),
  );
}

async function pictureLayer(
  { image }: Panel,
  left: number,
  top: number,
  width: number,
  height: number,
  pixelRatio: number,
  enlarge: 'smooth' | 'pixels' = 'smooth',
): Promise<OverlayOptions> {
  const x = Math.round(left * pixelRatio);
  const y = Math.round(top * pixelRatio);
  // From edge to edge, so that gaps stay even where the scale is not a whole number.
  const targetWidth = Math.round((left + width) * pixelRatio) - x;
  const targetHeight = Math.round((top + height) * pixelRatio) - y;
  const sharp = loadSharp();
  const { data, info } = await sharp(image.data, {
    raw: { width: image.width, height: image.height, channels: 3 },
  })
    .resize(targetWidth, targetHeight, {
      fit: 'contain',
      background: '#fff',
      kernel: enlarge === 'pixels' ? 'nearest' : 'cubic',
    })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return {
    input: data,
    raw: { width: info.width, height: info.height, channels: info.channels },
    left: x,
    top: y,
  };
}

/** A picture inside an SVG, in its own resolution. */
async function embeddedPicture(
  { panel: { image }, left, top }: PlacedPanel,
  width: number,
  height: number,
  enlarge: 'smooth' | 'pixels' = 'smooth',
): Promise<string> {
  const raw = { width: image.width, height: image.height, channels: 3 as const };
  const sharp = loadSharp();
  const png = await sharp(image.data, { raw }).png({ compressionLevel: 9 }).toBuffer();
  const rendering = enlarge === 'pixels' ? ' image-rendering="pixelated"' : '';
  return (
    `<image x="${left}" y="${top}" width="${width}" height="${height}"${rendering} ` +
    `href="data:image/png;base64,${png.toString('base64')}"/>`
  );
}

/** Everything but the pictures, as SVG elements: labels, outlines and colour bar. */
function drawingParts(
  blocks: readonly GridBlock[],
  layout: GridLayout,
  panelWidth: number,
  columns: number,
  { title, columnTitles = [], blockColumns = 1, colourBar, note }: PanelGridOptions,
): string[] {
  const parts: string[] = [];
  const inner = layout.right - layout.left;
  if (title !== undefined) {
    parts.push(
      svgLabel(title, {
        x: layout.width / 2,
        y: layout.titleBaseline,
        size: TITLE_SIZE,
        minSize: LABEL_SIZE,
        bold: true,
        maxWidth: inner,
      }),
    );
  }
  for (let block = 0; block < Math.min(blockColumns, blocks.length); block++) {
    for (let column = 0; column < Math.min(columns, columnTitles.length); column++) {
      const lines = columnTitles[column].split('\n');
      const x = layout.panel(block, 0, column).left + panelWidth / 2;
      lines.forEach((line, i) => {
        const y = layout.columnTitleBaseline - (lines.length - 1 - i) * layout.lineHeight;
        parts.push(svgLabel(line, { x, y, size: LABEL_SIZE, maxWidth: panelWidth }));
      });
    }
  }
  blocks.forEach((block, b) => {
    if (block.label !== undefined) {
      const length = layout.blockHeight(b);
      const place = { x: layout.blockLabelX(b), y: layout.blockTop(b) + length / 2 };
      parts.push(
        svgLabel(block.label, { ...place, size: LABEL_SIZE, maxWidth: length, rotated: true }),
      );
    }
    block.rows.forEach((row, r) => {
      if (row.label === undefined) return;
      const middle = layout.panel(b, r, 0).top + layout.rowHeight / 2;
      parts.push(
        svgLabel(row.label, {
          x: layout.rowLabelX(b),
          y: middle,
          size: LABEL_SIZE,
          bold: true,
          maxWidth: layout.rowHeight,
          rotated: true,
        }),
      );
    });
  });
  for (const { panel, left, top } of placedPanels(blocks, layout)) {
    if (panel.outline) parts.push(outlineSvg(panel, left, top, panelWidth, layout.rowHeight));
    if (panel.caption !== undefined) {
      const x = left + panelWidth / 2;
      const y = top + layout.rowHeight + layout.lineHeight - 2;
      parts.push(svgLabel(panel.caption, { x, y, size: LABEL_SIZE, maxWidth: panelWidth }));
    }
  }
  let noteWidth = inner;
  if (colourBar) {
    const width = colourBarWidth(colourBar);
    noteWidth -= width + 12;
    parts.push(colourBarSvg(colourBar, layout.right - width, layout.footerMiddle));
  }
  if (note !== undefined) {
    const y = layout.footerMiddle + 0.36 * LABEL_SIZE;
    parts.push(
      svgLabel(note, { x: layout.left, y, size: LABEL_SIZE, maxWidth: noteWidth, anchor: 'start' }),
    );
  }
  return parts;
}

function svgPicture({ width, height }: GridLayout, pixelRatio: number, parts: string[]): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.round(width * pixelRatio)}" ` +
    `height="${Math.round(height * pixelRatio)}" ` +
    `viewBox="0 0 ${width} ${height}">${parts.join('')}</svg>`
  );
}

/** A white line with a dark rim, which stands out on photographs and on every colour map. */
function outlineSvg(
  { image, outline }: Panel,
  left: number,
  top: number,
  width: number,
  height: number,
): string {
  const zoom = Math.min(width / image.width, height / image.height);
  const x = left + (width - zoom * image.width) / 2;
  const y = top + (height - zoom * image.height) / 2;
  const line = (colour: string, thickness: number): string =>
    `<path d="${outline}" fill="none" stroke="${colour}" stroke-width="${thickness / zoom}" ` +
    'stroke-linecap="round"/>';
  return (
    `<g transform="translate(${x} ${y}) scale(${zoom})">` +
    `${line('#000', 2.2)}${line('#fff', 1)}</g>`
  );
}
