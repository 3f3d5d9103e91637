import type { Mask } from '../../lib/data/mask';

/**
 * The outline of a mask's regions as SVG path data in the mask's pixel coordinates: every edge
 * between a pixel inside and one outside (or the image's border), joined into straight runs. A
 * vector path stays sharp at any scale of the figure. An empty mask gives an empty path.
 */
export function outlinePath({ width, height, data }: Mask): string {
  const inside = (x: number, y: number): boolean =>
    x >= 0 && y >= 0 && x < width && y < height && data[y * width + x] !== 0;
  const path: string[] = [];
  for (let y = 0; y <= height; y++) {
    addRuns(
      width,
      (x) => inside(x, y) !== inside(x, y - 1),
      (from, to) => path.push(`M${from} ${y}H${to}`),
    );
  }
  for (let x = 0; x <= width; x++) {
    addRuns(
      height,
      (y) => inside(x, y) !== inside(x - 1, y),
      (from, to) => path.push(`M${x} ${from}V${to}`),
    );
  }
  return path.join('');
}

function addRuns(
  length: number,
  isEdge: (position: number) => boolean,
  add: (from: number, to: number) => void,
): void {
  let start = -1;
  for (let position = 0; position <= length; position++) {
    const edge = position < length && isEdge(position);
    if (edge && start < 0) start = position;
    if (!edge && start >= 0) {
      add(start, position);
      start = -1;
    }
  }
}
