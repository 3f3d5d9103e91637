import type { Mask } from '../data/mask';
import { connectedComponents } from '../metrics/regions';
import type { ImageSize } from '../metrics/scores';

/** A point of a picture: pixels from the left, from the top. A pixel's upper left corner has its own number. */
export type Point = [x: number, y: number];

/** One connected region of a picture whose pixels are above the pixel threshold. In pixels of the picture. */
export interface FoundRegion {
  /** Left, top, width, height. */
  box: [x: number, y: number, width: number, height: number];
  /** In pixels. */
  area: number;
  /** The highest value of the map in it. */
  peak: number;
  /** Closed polygons around it, to a pixel: the outer one first, then those of its holes. */
  contours: Point[][];
}

export interface FoundRegions {
  /** The highest peak first. */
  regions: FoundRegion[];
  /** 1 where the map is above the threshold; of the picture's size, unless that has more than `MASK_PIXELS`. */
  mask: Mask;
}

/** Of larger pictures the mask is made smaller, in the same shape: 9 bytes a pixel are needed. */
const MASK_PIXELS = 16e6;

/**
 * What an anomaly map finds in its picture: the map, enlarged bilinearly to the picture's size, above the threshold.
 * Pixels that touch, corners included, are one region. Each pixel of the map above the threshold is in the mask, however
 * small the picture is.
 *
 * @param map row-major, [height, width] of `size`
 * @param threshold a pixel above it is defective
 * @throws RangeError if the map has another length
 */
export function foundRegions(
  map: Float32Array,
  size: ImageSize,
  picture: ImageSize,
  threshold: number,
): FoundRegions {
  if (map.length !== size.height * size.width) {
    throw new RangeError(
      `Expected a map of ${size.width} x ${size.height} = ${size.width * size.height} values, found ${map.length}.`,
    );
  }
  const grid = maskSize(size, picture);
  const data = new Uint8Array(grid.height * grid.width);
  const mask = { ...grid, data };
  if (!map.some((value) => value > threshold)) return { regions: [], mask };
  const values = enlarged(map, size, grid);
  for (let i = 0; i < data.length; i++) data[i] = +(values[i] > threshold);
  // Between its neighbours a single high pixel can get lost.
  for (let i = 0; i < map.length; i++) {
    if (!(map[i] > threshold)) continue;
    const x = Math.floor((((i % size.width) + 0.5) * grid.width) / size.width);
    const y = Math.floor(((Math.floor(i / size.width) + 0.5) * grid.height) / size.height);
    data[y * grid.width + x] = 1;
    values[y * grid.width + x] = Math.max(values[y * grid.width + x], map[i]);
  }
  const scale: Point = [picture.width / grid.width, picture.height / grid.height];
  return { regions: regionsOf(mask, values, scale), mask };
}

function maskSize(map: ImageSize, picture: ImageSize): ImageSize {
  if (picture.width < map.width || picture.height < map.height) {
    return { height: map.height, width: map.width };
  }
  const factor = Math.min(1, Math.sqrt(MASK_PIXELS / (picture.width * picture.height)));
  return {
    height: Math.max(map.height, Math.round(factor * picture.height)),
    width: Math.max(map.width, Math.round(factor * picture.width)),
  };
}

/** Bilinear, with the pixels' centres where they lie in the picture; nothing is added beyond the outermost. */
function enlarged(map: Float32Array, from: ImageSize, to: ImageSize): Float32Array {
  const columns = positions(from.width, to.width);
  const rows = positions(from.height, to.height);
  const values = new Float32Array(to.height * to.width);
  for (let y = 0; y < to.height; y++) {
    const { low, high, share } = rows[y];
    const [upper, lower] = [low * from.width, high * from.width];
    for (let x = 0; x < to.width; x++) {
      const column = columns[x];
      const top = mix(map[upper + column.low], map[upper + column.high], column.share);
      const bottom = mix(map[lower + column.low], map[lower + column.high], column.share);
      values[y * to.width + x] = mix(top, bottom, share);
    }
  }
  return values;
}

const mix = (a: number, b: number, share: number) => a + (b - a) * share;

function positions(from: number, to: number) {
  return Array.from({ length: to }, (_, i) => {
    const at = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    const low = Math.floor(at);
    return { low, high: Math.min(low + 1, from - 1), share: at - low };
  });
}

function regionsOf(mask: Mask, values: Float32Array, [sx, sy]: Point): FoundRegion[] {
  const { width, height } = mask;
  const { labels, sizes } = connectedComponents(mask.data, mask);
  const boxes = Array.from(sizes, () => ({
    left: width,
    top: height,
    right: -1,
    bottom: -1,
    peak: -Infinity,
  }));
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] === 0) continue;
    const box = boxes[labels[i]];
    const [x, y] = [i % width, Math.floor(i / width)];
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = y;
    box.peak = Math.max(box.peak, values[i]);
  }
  const scaled = ([x, y]: Point): Point => [round(x * sx), round(y * sy)];
  return boxes
    .map(({ left, top, right, bottom, peak }, label): FoundRegion | null => {
      if (label === 0) return null;
      const [x, y] = scaled([left, top]);
      const [end, low] = scaled([right + 1, bottom + 1]);
      const isInside = (column: number, row: number) =>
        column >= left &&
        row >= top &&
        column <= right &&
        row <= bottom &&
        labels[row * width + column] === label;
      const rings = boundaries(isInside, { left, top, right, bottom });
      return {
        box: [x, y, round(end - x), round(low - y)],
        area: round(sizes[label] * sx * sy),
        peak,
        contours: rings
          .map((ring) => ({ ring, area: Math.abs(signedArea(ring)) }))
          .sort((a, b) => b.area - a.area)
          .map(({ ring }) => simplified(ring).map(scaled)),
      };
    })
    .filter((region) => region !== null)
    .sort((a, b) => b.peak - a.peak);
}

const round = (value: number) => Math.round(100 * value) / 100;

interface Bounds {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Right, down, left, up: clockwise, as seen on a screen. */
const STEPS: readonly Point[] = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
];

/**
 * The closed lines along pixel edges with the region at their right hand: one around it, clockwise, and one around each
 * hole. Where two pixels of the region touch at a corner only, the line goes on along the other pixel.
 */
function boundaries(
  isInside: (x: number, y: number) => boolean,
  { left, top, right, bottom }: Bounds,
): Point[][] {
  const span = right - left + 2;
  const corner = (x: number, y: number) => (y - top) * span + (x - left);
  /** By corner: in which of the four directions an edge begins there, as bits. */
  const edges = new Uint8Array(span * (bottom - top + 2));
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      if (!isInside(x, y)) continue;
      if (!isInside(x, y - 1)) edges[corner(x, y)] |= 1;
      if (!isInside(x + 1, y)) edges[corner(x + 1, y)] |= 2;
      if (!isInside(x, y + 1)) edges[corner(x + 1, y + 1)] |= 4;
      if (!isInside(x - 1, y)) edges[corner(x, y + 1)] |= 8;
    }
  }
  const rings: Point[][] = [];
  for (let start = 0; start < edges.length; start++) {
    while (edges[start] !== 0) {
      const ring: Point[] = [];
      let [x, y] = [left + (start % span), top + Math.floor(start / span)];
      let direction = 31 - Math.clz32(edges[start] & -edges[start]);
      let last = -1;
      do {
        edges[corner(x, y)] &= ~(1 << direction);
        if (direction !== last) ring.push([x, y]);
        last = direction;
        x += STEPS[direction][0];
        y += STEPS[direction][1];
        const here = edges[corner(x, y)];
        // To the left, else straight on, else to the right.
        direction =
          [3, 0, 1].map((turn) => (last + turn) % 4).find((next) => here & (1 << next)) ?? last;
      } while (corner(x, y) !== start || edges[start] & (1 << direction));
      rings.push(ring);
    }
  }
  return rings;
}

function signedArea(ring: readonly Point[]): number {
  return ring.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = ring[(i + 1) % ring.length];
    return sum + (x * nextY - nextX * y) / 2;
  }, 0);
}

/** So far, in pixels, a simplified contour may lie from the pixels' edges. */
const TOLERANCE = 1;

/** Fewer points than this are left as they are. */
const FEW = 9;

/** Without the steps of slanted lines: Douglas & Peucker (1973), on both halves of the ring. */
function simplified(ring: Point[]): Point[] {
  if (ring.length < FEW) return ring;
  const [x0, y0] = ring[0];
  const farthest = ring.reduce(
    (best, [x, y], i) => {
      const distance = Math.hypot(x - x0, y - y0);
      return distance > best.distance ? { i, distance } : best;
    },
    { i: 0, distance: 0 },
  ).i;
  const closed = [...ring, ring[0]];
  const kept = new Uint8Array(closed.length);
  kept[0] = kept[farthest] = 1;
  const parts: [number, number][] = [
    [0, farthest],
    [farthest, ring.length],
  ];
  for (let part = parts.pop(); part; part = parts.pop()) {
    const [from, to] = part;
    let worst = { i: -1, distance: TOLERANCE };
    for (let i = from + 1; i < to; i++) {
      const distance = fromLine(closed[i], closed[from], closed[to]);
      if (distance > worst.distance) worst = { i, distance };
    }
    if (worst.i < 0) continue;
    kept[worst.i] = 1;
    parts.push([from, worst.i], [worst.i, to]);
  }
  const simple = ring.filter((_, i) => kept[i]);
  return simple.length < 3 ? ring : simple;
}

function fromLine([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const length = Math.hypot(bx - ax, by - ay);
  if (length === 0) return Math.hypot(x - ax, y - ay);
  return Math.abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / length;
}
