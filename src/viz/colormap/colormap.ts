import { jetTable } from './jet';
import { perceptualTable, type PerceptualName } from './perceptual';

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
