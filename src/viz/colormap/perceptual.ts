/** The perceptually uniform colour maps on offer (matplotlib's, by van der Walt and Smith). */
export type PerceptualName = 'inferno' | 'magma' | 'plasma' | 'viridis';

/**
 * A perceptually uniform colour map as 256 RGB entries: equal steps of the value look like equal
 * steps of lightness, also in greyscale print and to colour-blind readers.
 *
 * Taken from Vega's schemes, so that maps and charts agree; within 3 of 255 of matplotlib's tables. They are loaded
 * where a table is made, and without the rest of Vega.
 */
export function perceptualTable(name: PerceptualName): Uint8Array {
  const { scheme } = require('vega-scale') as typeof import('vega-scale');
  const colourAt: (position: number) => string = scheme(name);
  const table = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) {
    const channels = colourAt(i / 255).match(/\d+/g) ?? [];
    table.set(channels.slice(0, 3).map(Number), 3 * i);
  }
  return table;
}
