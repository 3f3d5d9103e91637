import type { Random } from '../../random/random';
import type { ImageStack } from '../image';
import { fractalNoise, mix } from '../synthetic/noise';
import { boxMean } from './foreground';
import type { Foreground } from './foreground';
import { harmonicFill } from './harmonic-fill';
import { logUniform } from './region';
import type { Region } from './region';
import { surfaceContrast } from './visible-change';

/** Good images, and what was found out about them. */
export interface GoodImages {
  stack: ImageStack;
  foreground: Foreground;
}

/** A good picture on its way to a defective one. */
export interface Scene extends GoodImages {
  /** Which of the images it was. */
  index: number;
  /** RGB bytes as they stand, [height, width, 3]. */
  canvas: Uint8Array;
}

/**
 * What a defect does to the pixels that it covers.
 *
 * @param before colours of the region's rectangle, [height, width, 3]
 * @returns new colours of the region's rectangle, RGB from 0 to 255, not rounded, [height, width, 3]
 */
export type Alteration = (
  random: Random,
  scene: Scene,
  region: Region,
  before: Uint8Array,
) => Float32Array;

/** Lighter or darker. */
export const shade: Alteration = (random, _scene, region, before) => {
  const change = strength(random, region, before) * signWithRoom(random, before, region);
  const uneven = unevenness(random, region);
  return Float32Array.from(before, (value, i) => value + change * uneven[Math.floor(i / 3)]);
};

/** Of another colour, at about the same brightness. */
export const tint: Alteration = (random, _scene, region, before) => {
  const shift = [random.uniform(-1, 1), random.uniform(-1, 1), random.uniform(-1, 1)];
  const mean = (shift[0] + shift[1] + shift[2]) / 3;
  const largest = Math.max(...shift.map((value) => Math.abs(value - mean)), 1e-6);
  const change = strength(random, region, before) / largest;
  const uneven = unevenness(random, region);
  return Float32Array.from(
    before,
    (value, i) => value + change * (shift[i % 3] - mean) * uneven[Math.floor(i / 3)],
  );
};

/** Under a layer of something: one colour, through which the surface shows more or less. */
export const stain: Alteration = (random, scene, region, before) => {
  const colour = stainColour(random, scene);
  const opacity = random.uniform(0.3, 1);
  const uneven = unevenness(random, region);
  return Float32Array.from(before, (value, i) =>
    mix(value, colour[i % 3] * mix(1, uneven[Math.floor(i / 3)], 0.4), opacity),
  );
};

/** Rougher: a fine pattern on top, in grey or in colours. */
export const roughen: Alteration = (random, _scene, region, before) => {
  const amplitude = Math.min(120, 3 * strength(random, region, before));
  const cell = logUniform(random, 1.2, 6);
  const patterns = Array.from({ length: random.int(3) === 0 ? 3 : 1 }, () =>
    fractalNoise(random.int(2 ** 31), 2),
  );
  const { left, top, width } = region;
  const result = Float32Array.from(before);
  for (let i = 0; i < result.length / 3; i++) {
    const x = (left + (i % width)) / cell;
    const y = (top + Math.floor(i / width)) / cell;
    const values = patterns.map((pattern) => amplitude * pattern(x, y));
    for (let c = 0; c < 3; c++) result[3 * i + c] += values[c] ?? values[0];
  }
  return result;
};

/** Smoother: fine structure wiped away. */
export const smooth: Alteration = (random, scene, region, before) => {
  const radius = 2 + random.int(Math.max(2, Math.round(scene.stack.width / 32)));
  return ofChannels(before, (channel) =>
    boxMean(boxMean(channel, region.width, region.height, radius), region.width, region.height, 1),
  );
};

/** A groove or a bump: lit on one side, in shadow on the other. */
export const relief: Alteration = (random, _scene, region, before) => {
  const { width, height, cover } = region;
  const surface = boxMean(cover, width, height, 1);
  const angle = random.uniform(0, 2 * Math.PI);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const slope = new Float32Array(width * height);
  let steepest = 1e-6;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const across = surface[i + 1] - surface[i - 1];
      const down = surface[i + width] - surface[i - width];
      slope[i] = across * cos + down * sin;
      steepest = Math.max(steepest, Math.abs(slope[i]));
    }
  }
  const contrast = (1.5 * strength(random, region, before)) / steepest;
  return Float32Array.from(before, (value, i) => value + contrast * slope[Math.floor(i / 3)]);
};

/**
 * Surface from elsewhere, of this or another good picture, turned and enlarged or reduced. Where the picture is a
 * texture, a piece at its own scale would be as good as any other.
 */
export const transplant: Alteration = (random, scene, region, before) => {
  const { stack, foreground } = scene;
  const from = random.int(2) === 0 ? scene.index : random.int(stack.count);
  const other = logUniform(random, 1.6, 2.5);
  const scale = foreground.isTexture
    ? random.int(2) === 0
      ? other
      : 1 / other
    : logUniform(random, 0.7, 1.5);
  const [x, y] = foregroundPixel(random, scene, from);
  const transform = similarity(random.uniform(0, 2 * Math.PI), scale, random.int(2) === 0);
  const pixels = sampled(sourceOf(scene, from), stack, region, (dx, dy) => {
    const [u, v] = transform(dx, dy);
    return [x + u, y + v];
  });
  return random.int(2) === 0 ? pixels : towardsMeanOf(before, pixels, region);
};

/** The piece itself, turned by a quarter or more about its middle, or mirrored. */
export const turn: Alteration = (random, scene, region) => {
  const transform = similarity(random.uniform(0.25, 1.75) * Math.PI, 1, random.int(2) === 0);
  const [x, y] = middleOf(region);
  return sampled(scene.canvas, scene.stack, region, (dx, dy) => {
    const [u, v] = transform(dx, dy);
    return [x + u, y + v];
  });
};

/** Bent: pinched, bulged, twisted or pushed aside, most in the middle and not at all at the outline. */
export const warp: Alteration = (random, scene, region) => {
  const { width, height } = region;
  const [x, y] = middleOf(region);
  const [reachX, reachY] = [Math.max(2, width / 2), Math.max(2, height / 2)];
  const kind = random.int(3);
  const amount = random.uniform(0.35, 0.9) * (random.int(2) === 0 ? 1 : -1);
  const direction = random.uniform(0, 2 * Math.PI);
  const push = random.uniform(0.3, 0.7);
  const pushX = push * reachX * Math.cos(direction);
  const pushY = push * reachY * Math.sin(direction);
  return sampled(scene.canvas, scene.stack, region, (dx, dy) => {
    const inside = Math.max(0, 1 - (dx / reachX) ** 2 - (dy / reachY) ** 2);
    if (kind === 0) {
      const zoom = 1 - amount * inside;
      return [x + dx * zoom, y + dy * zoom];
    }
    if (kind === 1) {
      const angle = 2.5 * amount * inside;
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      return [x + dx * cos - dy * sin, y + dx * sin + dy * cos];
    }
    return [x + dx - pushX * inside, y + dy - pushY * inside];
  });
};

/** Missing, its place filled smoothly from the surroundings. */
export const fill: Alteration = (_random, _scene, region, before) =>
  harmonicFill(Float32Array.from(before), region, region.cover);

/** Broken away: the background shows. For objects before one. */
export const breakAway: Alteration = (random, scene, region, before) => {
  const { stack, foreground, index, canvas } = scene;
  const pixels = stack.width * stack.height;
  const background: number[] = [];
  for (let attempt = 0; attempt < 4000 && background.length < 64; attempt++) {
    const i = random.int(pixels);
    if (foreground.data[index * pixels + i] === 0) background.push(i);
  }
  if (background.length === 0) return Float32Array.from(before);
  // Its pixels in random order, between them and their mean: the noise of a plain background.
  const mean = [0, 1, 2].map(
    (c) => background.reduce((sum, i) => sum + canvas[3 * i + c], 0) / background.length,
  );
  const result = new Float32Array(3 * region.width * region.height);
  for (let i = 0; i < result.length; i += 3) {
    const from = background[random.int(background.length)];
    for (let c = 0; c < 3; c++) result[i + c] = mix(mean[c], canvas[3 * from + c], 0.3);
  }
  return result;
};

/**
 * CutPaste (Li et al., CVPR 2021, section 2.2): a piece from elsewhere in the picture, with changed colours.
 */
export const cutPaste: Alteration = (random, scene, region) => {
  const [x, y] = foregroundPixel(random, scene, scene.index);
  const contrast = random.uniform(0.8, 1.2);
  const brightness = 25 * random.uniform(-1, 1);
  const colour = [random.uniform(-12, 12), random.uniform(-12, 12), random.uniform(-12, 12)];
  const piece = sampled(sourceOf(scene, scene.index), scene.stack, region, (dx, dy) => [
    x + dx,
    y + dy,
  ]);
  return piece.map((value, i) => contrast * (value - 128) + 128 + brightness + colour[i % 3]);
};

/**
 * Natural synthetic anomalies (NSA: Schlüter et al., ECCV 2022, section 3): a piece of another good picture, resized
 * and blended in so that its gradients are kept and its outline does not show (Pérez et al., 2003).
 */
export const blendIn: Alteration = (random, scene, region, before) => {
  const { stack } = scene;
  const from = random.int(stack.count);
  const [x, y] = foregroundPixel(random, scene, from);
  const zoomX = random.uniform(0.7, 1.3);
  const zoomY = random.uniform(0.7, 1.3);
  const piece = sampled(sourceOf(scene, from), stack, region, (dx, dy) => [
    x + dx * zoomX,
    y + dy * zoomY,
  ]);
  const offset = piece.map((value, i) => before[i] - value);
  const filled = harmonicFill(offset, region, region.cover);
  return piece.map((value, i) => value + filled[i]);
};

/** How strong a change is, in grey levels: from what is just visible on this surface to obvious. */
function strength(random: Random, region: Region, before: Uint8Array): number {
  const least = Math.max(9, surfaceContrast(before, region));
  return logUniform(random, least, Math.max(90, 2 * least));
}

/** 1 for lighter, -1 for darker: either, unless the surface is near black or white already. */
function signWithRoom(random: Random, pixels: Uint8Array, { cover }: Region): number {
  let sum = 0;
  let weight = 0;
  cover.forEach((share, i) => {
    sum += share * (pixels[3 * i] + pixels[3 * i + 1] + pixels[3 * i + 2]);
    weight += 3 * share;
  });
  const brightness = sum / Math.max(weight, 1e-6);
  const either = random.int(2) === 0 ? 1 : -1;
  return brightness < 60 ? 1 : brightness > 195 ? -1 : either;
}

/** A factor about 1 for each pixel of the region, which varies smoothly. */
function unevenness(random: Random, { width, height }: Region): Float32Array {
  const cell = Math.max(4, Math.max(width, height) * random.uniform(0.2, 0.6));
  const depth = random.uniform(0, 0.8);
  const noise = fractalNoise(random.int(2 ** 31), 2);
  const factors = new Float32Array(width * height);
  for (let i = 0; i < factors.length; i++) {
    factors[i] = 1 + depth * noise((i % width) / cell, Math.floor(i / width) / cell);
  }
  return factors;
}

/** The colour of what lies on a surface: any, or one of the surface's own, lighter or darker. */
function stainColour(random: Random, scene: Scene): number[] {
  if (random.int(2) === 0) {
    const grey = random.uniform(0, 255);
    const saturation = random.next() ** 2;
    return [0, 1, 2].map(() => mix(grey, random.uniform(0, 255), saturation));
  }
  const { stack } = scene;
  const from = random.int(stack.count);
  const [x, y] = foregroundPixel(random, scene, from);
  const source = sourceOf(scene, from);
  const factor = logUniform(random, 0.4, 2);
  return [0, 1, 2].map((c) => source[3 * (y * stack.width + x) + c] * factor);
}

/** A pixel on the object. @param image which of the good images */
export function foregroundPixel(
  random: Random,
  { stack, foreground }: GoodImages,
  image: number,
): [x: number, y: number] {
  const { width, height } = stack;
  const pixels = width * height;
  // Objects fill a few hundredths of a picture at least.
  for (let attempt = 0; attempt < 1000; attempt++) {
    const i = random.int(pixels);
    if (foreground.data[image * pixels + i] === 1) return [i % width, Math.floor(i / width)];
  }
  return [width >> 1, height >> 1];
}

function sourceOf({ stack }: GoodImages, image: number): Uint8Array {
  const length = stack.width * stack.height * 3;
  return stack.data.subarray(image * length, (image + 1) * length);
}

/** The picture as it stands within a region's rectangle: [height, width, 3]. */
export function colours({ canvas, stack }: Scene, region: Region): Uint8Array {
  const { left, top, width, height } = region;
  const result = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    const begin = 3 * ((top + y) * stack.width + left);
    result.set(canvas.subarray(begin, begin + 3 * width), 3 * y * width);
  }
  return result;
}

function ofChannels(
  pixels: Uint8Array,
  change: (channel: Float32Array) => Float32Array,
): Float32Array {
  const result = new Float32Array(pixels.length);
  for (let c = 0; c < 3; c++) {
    const changed = change(
      Float32Array.from({ length: pixels.length / 3 }, (_, i) => pixels[3 * i + c]),
    );
    changed.forEach((value, i) => (result[3 * i + c] = value));
  }
  return result;
}

function middleOf({ left, top, width, height }: Region): [x: number, y: number] {
  return [left + (width - 1) / 2, top + (height - 1) / 2];
}

/** A turn with a change of size, and perhaps a reflection, about the origin. */
function similarity(
  angle: number,
  scale: number,
  mirrored: boolean,
): (x: number, y: number) => [number, number] {
  const cos = scale * Math.cos(angle);
  const sin = scale * Math.sin(angle);
  return (x, y) => {
    const u = mirrored ? -x : x;
    return [u * cos - y * sin, u * sin + y * cos];
  };
}

/**
 * Colours for the region's rectangle from other places of a picture, bilinear, the picture mirrored at its border.
 *
 * @param source RGB bytes, [height, width, 3]
 * @param place where to look, for an offset from the region's middle
 */
function sampled(
  source: Uint8Array,
  { width, height }: ImageStack,
  region: Region,
  place: (dx: number, dy: number) => [x: number, y: number],
): Float32Array {
  const result = new Float32Array(3 * region.width * region.height);
  const [middleX, middleY] = middleOf(region);
  let to = 0;
  for (let row = 0; row < region.height; row++) {
    for (let column = 0; column < region.width; column++) {
      const found = place(region.left + column - middleX, region.top + row - middleY);
      const x = mirrored(found[0], width);
      const y = mirrored(found[1], height);
      const x0 = Math.min(Math.floor(x), width - 2);
      const y0 = Math.min(Math.floor(y), height - 2);
      const [u, v] = [x - x0, y - y0];
      const at = 3 * (y0 * width + x0);
      const below = at + 3 * width;
      for (let c = 0; c < 3; c++) {
        const upper = mix(source[at + c], source[at + 3 + c], u);
        result[to++] = mix(upper, mix(source[below + c], source[below + 3 + c], u), v);
      }
    }
  }
  return result;
}

/** A coordinate folded back into [0, size - 1]. */
function mirrored(x: number, size: number): number {
  const period = 2 * (size - 1);
  const folded = Math.abs(x) % period;
  return folded > size - 1 ? period - folded : folded;
}

/** Shifted towards the brightness and colour that the region had, as far as that keeps the piece what it is. */
function towardsMeanOf(before: Uint8Array, after: Float32Array, { cover }: Region): Float32Array {
  const furthest = 40;
  const sums = [0, 0, 0];
  let weight = 1e-6;
  cover.forEach((share, i) => {
    for (let c = 0; c < 3; c++) sums[c] += share * (before[3 * i + c] - after[3 * i + c]);
    weight += share;
  });
  const shift = sums.map((value) => Math.max(-furthest, Math.min(furthest, value / weight)));
  return after.map((value, i) => value + shift[i % 3]);
}
