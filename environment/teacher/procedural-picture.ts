import type { RgbImage } from '../../src/lib/data/image';
import type { Random } from '../../src/lib/random/random';

type Colour = [red: number, green: number, blue: number];

/**
 * A made-up picture: leaves of random shape, size and texture that fall on one another (the "dead leaves" of image
 * statistics), with strokes over them. It has what photographs have most of, edges between textures at all scales.
 *
 * @param side width and height in pixels
 */
export function proceduralPicture(side: number, random: Random): RgbImage {
  const data = new Uint8Array(side * side * 3);
  const palette = randomPalette(random);
  fillShape(data, side, random, palette, {
    x: side / 2,
    y: side / 2,
    radius: 2 * side,
    corners: 0,
  });
  const leaves = 6 + random.int(60);
  for (let leaf = 0; leaf < leaves; leaf++) {
    // Radii by a power law, from large to small, so that small leaves are not all covered.
    const share = leaf / leaves;
    const radius = side * (0.03 + 0.35 * (1 - share) ** 2 * random.uniform(0.3, 1));
    const place = { x: random.uniform(0, side), y: random.uniform(0, side) };
    fillShape(data, side, random, palette, {
      ...place,
      radius,
      corners: random.next() < 0.4 ? 0 : 3 + random.int(4),
    });
  }
  const strokes = random.next() < 0.5 ? random.int(12) : 0;
  for (let i = 0; i < strokes; i++) drawStroke(data, side, random, randomColour(random));
  return { width: side, height: side, data };
}

interface Shape {
  x: number;
  y: number;
  radius: number;
  /** 0 for an ellipse. */
  corners: number;
}

/** From shades of one colour to a motley lot. */
function randomPalette(random: Random): Colour[] {
  const base = randomColour(random);
  const spread = random.next();
  return Array.from({ length: 3 + random.int(4) }, () => {
    const other = randomColour(random);
    return base.map((value, c) => value + spread * (other[c] - value)) as Colour;
  });
}

function randomColour(random: Random): Colour {
  return [random.uniform(0, 255), random.uniform(0, 255), random.uniform(0, 255)];
}

/** Two colours of the palette, blended by a texture. */
function fillShape(
  data: Uint8Array,
  side: number,
  random: Random,
  palette: readonly Colour[],
  { x, y, radius, corners }: Shape,
): void {
  const [first, second] = [0, 1].map(() => palette[random.int(palette.length)]);
  const texture = randomTexture(side, random);
  const stretch = random.uniform(0.4, 1);
  const turn = random.uniform(0, 2 * Math.PI);
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const shade = random.uniform(-0.6, 0.6);
  const [left, right] = [
    Math.max(0, Math.floor(x - radius)),
    Math.min(side, Math.ceil(x + radius)),
  ];
  const [top, bottom] = [
    Math.max(0, Math.floor(y - radius)),
    Math.min(side, Math.ceil(y + radius)),
  ];
  const sector = corners > 0 ? (2 * Math.PI) / corners : 0;
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const [dx, dy] = [column - x, row - y];
      const [u, v] = [cos * dx + sin * dy, (cos * dy - sin * dx) / stretch];
      let distance = Math.hypot(u, v);
      if (corners > 0) {
        const angle = Math.atan2(v, u);
        // How far the side of a regular polygon is in this direction.
        distance *= Math.cos(angle - sector * Math.round(angle / sector)) / Math.cos(sector / 2);
      }
      if (distance > radius) continue;
      const weight = texture(column, row);
      const light = 1 + (shade * u) / radius;
      const to = 3 * (row * side + column);
      for (let c = 0; c < 3; c++) {
        const value = light * (first[c] + weight * (second[c] - first[c]));
        data[to + c] = Math.min(255, Math.max(0, value));
      }
    }
  }
}

/** A weight from 0 to 1 by position: plain, grating, soft clouds, grain, or checks. */
function randomTexture(side: number, random: Random): (x: number, y: number) => number {
  const kind = random.int(5);
  if (kind === 0) return () => 0;
  if (kind === 1) {
    const [period, angle] = [random.uniform(3, 30), random.uniform(0, Math.PI)];
    const [a, b] = [Math.cos(angle), Math.sin(angle)].map((part) => (2 * Math.PI * part) / period);
    const hardness = random.uniform(0.5, 3);
    return (x, y) => Math.min(1, Math.max(0, 0.5 + 0.5 * hardness * Math.sin(a * x + b * y)));
  }
  if (kind === 2) return clouds(random, random.uniform(4, side / 3));
  if (kind === 3) {
    const strength = random.uniform(0.2, 1);
    return () => strength * random.next();
  }
  const [size, skew] = [random.uniform(3, 24), random.uniform(-1, 1)];
  return (x, y) => (Math.floor((x + skew * y) / size) + Math.floor(y / size)) & 1;
}

/** Random numbers on a lattice, blended: soft blobs of about `size` pixels. */
function clouds(random: Random, size: number): (x: number, y: number) => number {
  const cells = 32;
  const lattice = Float32Array.from({ length: cells * cells }, () => random.next());
  const at = (x: number, y: number): number =>
    lattice[(((y % cells) + cells) % cells) * cells + (((x % cells) + cells) % cells)];
  return (x, y) => {
    const [u, v] = [x / size, y / size];
    const [left, top] = [Math.floor(u), Math.floor(v)];
    const [a, b] = [u - left, v - top].map((t) => t * t * (3 - 2 * t));
    const upper = at(left, top) + a * (at(left + 1, top) - at(left, top));
    const lower = at(left, top + 1) + a * (at(left + 1, top + 1) - at(left, top + 1));
    return upper + b * (lower - upper);
  };
}

/** A line of some width that bends on its way. */
function drawStroke(data: Uint8Array, side: number, random: Random, colour: Colour): void {
  let [x, y] = [random.uniform(0, side), random.uniform(0, side)];
  let direction = random.uniform(0, 2 * Math.PI);
  const [width, bend] = [random.uniform(0.6, 4), random.uniform(0, 0.15)];
  const steps = side * random.uniform(0.2, 1.2);
  for (let step = 0; step < steps; step++) {
    direction += bend * random.uniform(-1, 1);
    x += Math.cos(direction);
    y += Math.sin(direction);
    for (let row = Math.ceil(y - width); row <= y + width; row++) {
      for (let column = Math.ceil(x - width); column <= x + width; column++) {
        if (row < 0 || column < 0 || row >= side || column >= side) continue;
        data.set(colour.map(Math.round), 3 * (row * side + column));
      }
    }
  }
}
