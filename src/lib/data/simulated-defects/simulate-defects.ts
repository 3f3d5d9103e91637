import { Random } from '../../random/random';
import type { ImageSize } from '../../metrics/scores';
import { imageOf } from '../image';
import type { ImageStack, RgbImage } from '../image';
import type { Mask } from '../mask';
import * as alterations from './alterations';
import type { Alteration, GoodImages, Scene } from './alterations';
import { findForeground } from './foreground';
import { curvedStroke, dots, ellipse, islands, logUniform, raggedSpot, rectangle } from './region';
import type { DrawRegion, Region } from './region';
import { visibleChange } from './visible-change';

/**
 * Which defects are drawn. What was learnt on the 'training' ones is checked on the 'validation' ones, which have
 * nothing in common with them, neither outlines nor what happens inside: cut out and pasted (CutPaste), blended in
 * (NSA). (The defects of `data/synthetic` would be a third kind, but they are part of its renderers and cannot be put
 * onto pictures from elsewhere.)
 */
export type DefectGenerator = 'training' | 'validation';

export interface SimulationOptions {
  seed: number;
  generator: DefectGenerator;
}

/** A good picture with made-up defects, or without. */
export interface SimulatedImage {
  image: RgbImage;
  /** 1 where it was visibly changed. Elsewhere it is the good picture to the bit. */
  mask: Mask;
  /** Which of the good pictures it was. */
  source: number;
  /** What was done to it, one name a defect; empty for a third of the pictures, which stay as they were. */
  defects: string[];
}

/** The share of the pictures that stay good. */
const GOOD_SHARE = 1 / 3;

/** From the smallest defect to the largest, as a share of the object. Real ones are small more often than large. */
const AREA = { training: [4e-4, 0.15], validation: [1e-3, 0.06] } as const;

/** No defect is smaller, in pixels of a picture of 256 x 256. */
const LEAST_AREA = 12;

/** A defect of which less than this is visible is drawn anew. */
const VISIBLE_SHARE = 0.6;

const ATTEMPTS = 8;

interface Kind {
  name: string;
  /** How often it is drawn, relative to the others. */
  weight: number;
  alteration: Alteration;
  /** One of them, drawn. */
  outlines: readonly DrawRegion[];
  /** On textures there is none of it, because it would not be seen or there is no background. */
  onObjectsOnly?: true;
  /** Where the object borders on the background. */
  atRim?: true;
}

const KINDS: Record<DefectGenerator, readonly Kind[]> = {
  training: [
    kind('shade', 3, alterations.shade, [raggedSpot, islands, dots, curvedStroke]),
    kind('tint', 2, alterations.tint, [raggedSpot, islands, curvedStroke]),
    kind('stain', 3, alterations.stain, [raggedSpot, islands, dots, curvedStroke]),
    kind('relief', 2, alterations.relief, [raggedSpot, dots, curvedStroke]),
    kind('roughen', 1.5, alterations.roughen, [raggedSpot, islands]),
    kind('smooth', 1.5, alterations.smooth, [raggedSpot, curvedStroke]),
    kind('transplant', 2.5, alterations.transplant, [raggedSpot, islands, curvedStroke]),
    kind('warp', 2, alterations.warp, [raggedSpot]),
    kind('fill', 1.5, alterations.fill, [raggedSpot, curvedStroke]),
    kind('turn', 1, alterations.turn, [raggedSpot], { onObjectsOnly: true }),
    kind('break away', 1.5, alterations.breakAway, [raggedSpot], {
      onObjectsOnly: true,
      atRim: true,
    }),
  ],
  validation: [
    kind('cut and paste', 1, alterations.cutPaste, [rectangle([1, 3.3], 0)]),
    kind('cut and paste a scar', 1, alterations.cutPaste, [rectangle([3, 10], Math.PI / 4)]),
    kind('blend in', 1, alterations.blendIn, [ellipse, rectangle([1, 2.5], 0)]),
  ],
};

function kind(
  name: string,
  weight: number,
  alteration: Alteration,
  outlines: readonly DrawRegion[],
  where: Pick<Kind, 'onObjectsOnly' | 'atRim'> = {},
): Kind {
  return { name, weight, alteration, outlines, ...where };
}

/**
 * Makes up defective pictures of good ones, to train what tells where defects are, or to check it, without any real
 * defect: discolorations, stains, scratches, dents, worn and rough spots, pieces that are bent, turned, missing or of
 * another place, from obvious ones to hardly visible ones. They lie on the object, not on the background around it, and
 * their contrast goes by the surface's own.
 *
 * @param good at least one picture, none narrower or lower than 16 pixels
 * @returns a function of a picture's number: the same number gives the same picture, whichever were made before. The
 *   good pictures take turns.
 * @throws RangeError for good pictures that are not as expected
 */
export function defectSimulator(
  good: ImageStack,
  { seed, generator }: SimulationOptions,
): (index: number) => SimulatedImage {
  const { count, height, width } = good;
  if (count < 1 || Math.min(height, width) < 16) {
    throw new RangeError(
      `Expected good pictures of at least 16 x 16 pixels, found ${count} of ${width} x ${height}.`,
    );
  }
  const images: GoodImages = { stack: good, foreground: findForeground(good) };
  const stream = Random.fromSeed(seed).fork(`${generator} defects`);
  const order = stream.fork('order').shuffle(Array.from({ length: count }, (_, i) => i));
  return (index) => {
    const random = stream.fork(`picture ${index}`);
    const source = order[index % count];
    const { data } = imageOf(good, source);
    const scene: Scene = { ...images, index: source, canvas: data.slice() };
    const mask = { height, width, data: new Uint8Array(height * width) };
    const defects: string[] = [];
    const wanted = random.next() < GOOD_SHARE ? 0 : numberOfDefects(random);
    for (let k = 0; k < wanted; k++) {
      const name = addDefect(random.fork(`defect ${k}`), scene, mask.data, generator);
      if (name !== null) defects.push(name);
    }
    return { image: { height, width, data: scene.canvas }, mask, source, defects };
  };
}

/** Mostly one. */
function numberOfDefects(random: Random): number {
  const draw = random.next();
  return draw < 0.7 ? 1 : draw < 0.9 ? 2 : 3;
}

/**
 * Draws one defect. A change that is hardly visible where it was drawn (a piece turned that looks the same from all
 * sides, a part smoothed that was smooth) is no defect: another one is drawn.
 *
 * @returns its name; null if none of several could be seen
 */
function addDefect(
  random: Random,
  scene: Scene,
  mask: Uint8Array,
  generator: DefectGenerator,
): string | null {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const own = random.fork(`attempt ${attempt}`);
    const drawn = drawKind(own, generator, scene.foreground.isTexture);
    const region = drawRegion(own, scene, drawn, generator);
    const before = alterations.colours(scene, region);
    const after = blend(before, drawn.alteration(own, scene, region, before), region.cover);
    const visible = visibleChange(before, after, region);
    const covered = sum(region.cover, (cover) => +(cover > 0.5));
    if (sum(visible) < VISIBLE_SHARE * Math.max(1, covered)) continue;
    apply(scene, region, after, visible, mask);
    return drawn.name;
  }
  return null;
}

function drawKind(random: Random, generator: DefectGenerator, isTexture: boolean): Kind {
  const kinds = KINDS[generator].filter(({ onObjectsOnly }) => !(onObjectsOnly && isTexture));
  let draw = random.next() * kinds.reduce((total, { weight }) => total + weight, 0);
  for (const candidate of kinds) {
    draw -= candidate.weight;
    if (draw < 0) return candidate;
  }
  return kinds[kinds.length - 1];
}

/** A region of one of the kind's outlines somewhere on the object, and only there. */
function drawRegion(
  random: Random,
  scene: Scene,
  { outlines, atRim }: Kind,
  generator: DefectGenerator,
): Region {
  const { width, height } = scene.stack;
  const pixels = width * height;
  const object = scene.foreground.data.subarray(scene.index * pixels, (scene.index + 1) * pixels);
  const [low, high] = AREA[generator];
  const least = (LEAST_AREA * pixels) / 256 ** 2;
  const area = Math.max(least, sum(object) * logUniform(random, low, high));
  const isWanted = (x: number, y: number) =>
    !atRim || isNearBackground(object, scene.stack, x, y, Math.ceil(Math.sqrt(area / Math.PI)));
  let [x, y] = alterations.foregroundPixel(random, scene, scene.index);
  for (let attempt = 0; !isWanted(x, y) && attempt < 50; attempt++) {
    [x, y] = alterations.foregroundPixel(random, scene, scene.index);
  }
  const draw = outlines[random.int(outlines.length)];
  const region = draw(random, { x, y, area, width, height });
  for (let i = 0; i < region.cover.length; i++) {
    const column = region.left + (i % region.width);
    const row = region.top + Math.floor(i / region.width);
    if (object[row * width + column] === 0) region.cover[i] = 0;
  }
  return region;
}

/** Whether background lies at this distance from a pixel, to one of its four sides. */
function isNearBackground(
  object: Uint8Array,
  { width, height }: ImageSize,
  x: number,
  y: number,
  distance: number,
): boolean {
  const isBackground = (column: number, row: number) => {
    if (column < 0 || row < 0 || column >= width || row >= height) return false;
    return object[row * width + column] === 0;
  };
  return (
    isBackground(x - distance, y) ||
    isBackground(x + distance, y) ||
    isBackground(x, y - distance) ||
    isBackground(x, y + distance)
  );
}

/** The new colours where they cover the old ones. */
function blend(before: Uint8Array, pixels: Float32Array, cover: Float32Array): Uint8Array {
  const after = new Uint8Array(before.length);
  for (let i = 0; i < after.length; i++) {
    const value = before[i] + cover[Math.floor(i / 3)] * (pixels[i] - before[i]);
    after[i] = Math.min(255, Math.max(0, Math.round(value)));
  }
  return after;
}

/** Takes the visible pixels into the picture and its mask. */
function apply(
  { canvas, stack }: Scene,
  { left, top, width, height }: Region,
  changed: Uint8Array,
  visible: Uint8Array,
  mask: Uint8Array,
): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (visible[i] === 0) continue;
      const at = (top + y) * stack.width + left + x;
      mask[at] = 1;
      for (let c = 0; c < 3; c++) canvas[3 * at + c] = changed[3 * i + c];
    }
  }
}

function sum(values: ArrayLike<number>, of: (value: number) => number = (value) => value): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += of(values[i]);
  return total;
}
