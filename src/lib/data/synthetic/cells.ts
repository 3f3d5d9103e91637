import { latticeHash } from './lattice-hash';

/** Where a point lies in a random mosaic. */
export interface CellPoint {
  /** Distance to the nearest cell centre; cells are about 1 wide. */
  nearest: number;
  /** Distance to the second nearest: equal to `nearest` on the seam between two cells. */
  second: number;
  /** Names the cell: 32 random bits. */
  id: number;
}

/**
 * A random mosaic (Worley 1996): one centre anywhere in each square of the lattice.
 *
 * @returns a function that writes into the point it is given
 */
export function cellMosaic(seed: number): (x: number, y: number, point: CellPoint) => void {
  return (x, y, point) => {
    const column = Math.floor(x);
    const row = Math.floor(y);
    let nearest = Infinity;
    let second = Infinity;
    for (let j = row - 1; j <= row + 1; j++) {
      for (let i = column - 1; i <= column + 1; i++) {
        const hash = latticeHash(i, j, seed);
        const dx = i + 0.5 + (hash & 0xffff) / 65536 - 0.5 - x;
        const dy = j + 0.5 + (hash >>> 16) / 65536 - 0.5 - y;
        const squared = dx * dx + dy * dy;
        if (squared < nearest) {
          second = nearest;
          nearest = squared;
          point.id = hash;
        } else if (squared < second) {
          second = squared;
        }
      }
    }
    point.nearest = Math.sqrt(nearest);
    point.second = Math.sqrt(second);
  };
}
