/**
 * OpenCV's COLORMAP_JET, the look of the paper's figures: 256 RGB entries, from blue (low) through cyan and
 * yellow to red (high).
 *
 * Each channel is a trapezoid with slope 4 over the 256 entries; the halves are rounded to even, as
 * OpenCV's `cvRound` does.
 */
function jetTable(): Uint8Array {
  const table = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) {
    table[3 * i] = toByte(Math.min(4 * i - 382.5, 1147.5 - 4 * i));
    table[3 * i + 1] = toByte(Math.min(4 * i - 127.5, 892.5 - 4 * i));
    table[3 * i + 2] = toByte(Math.min(4 * i + 127.5, 637.5 - 4 * i));
  }
  // OpenCV interpolates its table in single precision; this is the one entry where that shows
  // (1.4999 rounds to 1, the exact 1.5 would give 2).
  table[3 * 159 + 2] = 1;
  return table;
}

function toByte(value: number): number {
  const clamped = Math.min(255, Math.max(0, value));
  const floor = Math.floor(clamped);
  return clamped - floor === 0.5 ? floor + (floor % 2) : Math.round(clamped);
}

/** The perceptually uniform colour maps on offer (matplotlib's, by van der Walt and Smith). */
export type PerceptualName = 'inferno' | 'magma' | 'plasma' | 'viridis';

/**
 * A perceptually uniform colour map as 256 RGB entries: equal steps of the value look like equal
 * steps of lightness, also in greyscale print and to colour-blind readers.
 *
 * Taken from Vega's schemes, so that maps and charts agree; within 3 of 255 of matplotlib's tables. They are loaded
 * where a table is made, and without the rest of Vega.
 */
function perceptualTable(name: PerceptualName): Uint8Array {
  const { scheme } = require('vega-scale') as typeof import('vega-scale');
  const colourAt: (position: number) => string = scheme(name);
  const table = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) {
    const channels = colourAt(i / 255).match(/\d+/g) ?? [];
    table.set(channels.slice(0, 3).map(Number), 3 * i);
  }
  return table;
}

/** `jet` is the paper's look; the others are perceptually uniform, `grey` included. */
export type ColormapName = 'jet' | 'grey' | PerceptualName;

const tables = new Map<ColormapName, Uint8Array>();

/**
 * The lookup table of a colour map: 256 RGB entries, `[256 * 3]`, from the lowest value to the
 * highest. The table is shared between callers: do not write to it.
 */
export function colormap(name: ColormapName): Uint8Array {
  let table = tables.get(name);
  if (!table) {
    table = makeTable(name);
    tables.set(name, table);
  }
  return table;
}

function makeTable(name: ColormapName): Uint8Array {
  if (name === 'jet') return jetTable();
  if (name === 'grey') return Uint8Array.from({ length: 256 * 3 }, (_, i) => Math.floor(i / 3));
  return perceptualTable(name);
}
