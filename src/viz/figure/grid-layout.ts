import { textWidth } from '../text/text-width';

/** What a grid of panels must have room for; all sizes in CSS pixels. */
export interface GridShape {
  panelWidth: number;
  panelHeight: number;
  /** Panels in a row. */
  columns: number;
  /** Rows of each block, block by block. */
  rowsOfBlocks: readonly number[];
  /** Blocks side by side. */
  blockColumns: number;
  hasTitle: boolean;
  columnTitleLines: number;
  hasBlockLabels: boolean;
  hasRowLabels: boolean;
  hasCaptions: boolean;
  hasFooter: boolean;
}

export const TITLE_SIZE = 14;
export const LABEL_SIZE = 11;
const LINE = 14;
const MARGIN = 8;
const PANEL_GAP = 4;
const BLOCK_GAP = 14;
const LABEL_STRIP = 18;
const FOOTER = 26;

/** Where each part of the grid lies, in CSS pixels from the upper left corner. */
export interface GridLayout {
  width: number;
  height: number;
  titleBaseline: number;
  /** Baseline of the last line of the column titles. */
  columnTitleBaseline: number;
  lineHeight: number;
  panel(block: number, row: number, column: number): { left: number; top: number };
  /** Centre of the column of rotated labels left of a block: of its rows, and of the block. */
  rowLabelX(block: number): number;
  blockLabelX(block: number): number;
  blockTop(block: number): number;
  blockHeight(block: number): number;
  rowHeight: number;
  footerMiddle: number;
  left: number;
  right: number;
}

/** Lays out blocks of rows of panels; blocks fill the figure row by row. */
export function layOutGrid(shape: GridShape): GridLayout {
  const captionHeight = shape.hasCaptions ? LINE + 4 : 0;
  const rowStep = shape.panelHeight + captionHeight + PANEL_GAP;
  const columnStep = shape.panelWidth + PANEL_GAP;
  const blockStrip = shape.hasBlockLabels ? LABEL_STRIP : 0;
  const rowStrip = shape.hasRowLabels ? LABEL_STRIP : 0;
  const panelsWidth = shape.columns * columnStep - PANEL_GAP;
  const blockWidth = blockStrip + rowStrip + panelsWidth;
  const head =
    MARGIN +
    (shape.hasTitle ? LINE + 10 : 0) +
    (shape.columnTitleLines > 0 ? shape.columnTitleLines * LINE + 4 : 0);

  const blockHeight = (block: number): number => shape.rowsOfBlocks[block] * rowStep - PANEL_GAP;
  const tops: number[] = [];
  let bottom = head;
  for (let first = 0; first < shape.rowsOfBlocks.length; first += shape.blockColumns) {
    const last = Math.min(first + shape.blockColumns, shape.rowsOfBlocks.length);
    const top = first === 0 ? head : bottom + BLOCK_GAP;
    for (let block = first; block < last; block++) {
      tops.push(top);
      bottom = Math.max(bottom, top + blockHeight(block));
    }
  }
  const blockLeft = (block: number): number =>
    MARGIN + (block % shape.blockColumns) * (blockWidth + BLOCK_GAP);
  const width = 2 * MARGIN + shape.blockColumns * (blockWidth + BLOCK_GAP) - BLOCK_GAP;

  return {
    width,
    height: bottom + MARGIN + (shape.hasFooter ? FOOTER : 0),
    titleBaseline: MARGIN + TITLE_SIZE,
    columnTitleBaseline: head - 7,
    lineHeight: LINE,
    panel: (block, row, column) => ({
      left: blockLeft(block) + blockStrip + rowStrip + column * columnStep,
      top: tops[block] + row * rowStep,
    }),
    rowLabelX: (block) => blockLeft(block) + blockStrip + LABEL_STRIP / 2,
    blockLabelX: (block) => blockLeft(block) + LABEL_STRIP / 2,
    blockTop: (block) => tops[block],
    blockHeight,
    rowHeight: shape.panelHeight,
    footerMiddle: bottom + MARGIN + FOOTER / 2 - 2,
    left: MARGIN,
    right: width - MARGIN,
  };
}

/** The width a label of the footer takes. */
export function labelWidth(text: string): number {
  return textWidth(text, LABEL_SIZE);
}
