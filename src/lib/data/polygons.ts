import { basename } from 'node:path';
import { z } from 'zod';
import { ImageFileError } from '../files/file-error';
import type { ImageSize } from '../metrics/scores';
import { comparableName } from './folder';
import { MAX_PIXELS, MAX_SIDE } from '../files/limits';
import { readJsonFile, readTextFile } from '../files/read-file';

/*
 * Polygons, for ground truth and regions of interest: JSON of labelme and the lab's own (one file an image), and of COCO
 * (one file for many).
 */

const point = z.tuple([z.number(), z.number()]);

const labelmeSchema = z.object({
  shapes: z.array(
    z.object({
      label: z.string().nullish(),
      points: z.array(point),
      shape_type: z.string().nullish(),
    }),
  ),
  imageHeight: z.number().nullish(),
  imageWidth: z.number().nullish(),
});

/** The lab's own: the size that was drawn on, and polygons of points x, y in its pixels. */
const plainSchema = z.object({
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  polygons: z.array(z.array(point).min(3)).min(1),
});

const runLengths = z.object({
  size: z.tuple([z.number(), z.number()]),
  counts: z.union([z.string(), z.array(z.number())]),
});

const cocoSchema = z.object({
  images: z.array(
    z.object({
      id: z.union([z.number(), z.string()]),
      file_name: z.string(),
      width: z.number(),
      height: z.number(),
    }),
  ),
  annotations: z.array(
    z.object({
      image_id: z.union([z.number(), z.string()]),
      segmentation: z.union([z.array(z.array(z.number())), runLengths]).nullish(),
      bbox: z.array(z.number()).nullish(),
    }),
  ),
});

type Coco = z.infer<typeof cocoSchema>;

/** COCO files serve many images: each is read once. */
const parsed = new Map<string, { text: string; coco: Coco | null }>();

function cocoOf(file: string): Coco | null {
  let text: string;
  try {
    text = readTextFile(file, JSON_KINDS);
  } catch {
    return null;
  }
  const before = parsed.get(file);
  if (before?.text === text) return before.coco;
  let coco: Coco | null = null;
  try {
    coco = cocoSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    // Not JSON: said by whoever needs it.
  }
  parsed.set(file, { text, coco });
  return coco;
}

/** Whether a file holds annotations of COCO (`images`, `annotations`). */
export function isCocoFile(file: string): boolean {
  return cocoOf(file) !== null;
}

/** The images that a COCO file has annotations of, by the names that it gives them. */
export function cocoImageNames(file: string): string[] {
  return (cocoOf(file)?.images ?? []).map(({ file_name: name }) => name.replace(/\\/g, '/'));
}

/** Where polygons say that an image is defective, at the size that they were drawn on. */
export interface DrawnTruth extends ImageSize {
  /** 0 or 1, row-major, length height * width. */
  data: Uint8Array;
  /** Shapes that have no area, such as points, and that nothing was drawn of. */
  skipped: number;
}

/**
 * Draws the shapes of a labelme file or of the lab's own, or those of one image in a COCO file; together, where there are
 * several.
 * A pixel is defective where its centre lies inside; polygons of one COCO annotation count together, run lengths
 * (compressed or not) as they are, and a box alone as a box.
 *
 * @param image size, and name in a COCO file
 * @throws ImageFileError for a file that is none of them, damaged, or of an image of another size
 */
export function drawPolygons(file: string, image: ImageSize & { file: string }): DrawnTruth {
  const coco = cocoOf(file);
  return coco ? drawCoco(file, coco, image) : drawSingle(file, image);
}

const JSON_KINDS = 'JSON of labelme or COCO, or { "width", "height", "polygons" }';

const readJson = (file: string) => readJsonFile(file, JSON_KINDS, ImageFileError);

/**
 * The size that the polygons of one image were drawn on.
 *
 * @throws ImageFileError for a file that does not say, or is none of labelme or the lab's own
 */
export function drawnSizeOf(file: string): ImageSize {
  const content = readJson(file);
  const plain = plainSchema.safeParse(content).data;
  if (plain) return withinLimits(file, plain);
  const read = labelmeSchema.safeParse(content).data;
  if (!read) throw new ImageFileError(file, JSON_KINDS, 'other JSON');
  const { imageHeight: height, imageWidth: width } = read;
  if (height && width) return withinLimits(file, { height, width });
  throw new ImageFileError(file, '"imageWidth" and "imageHeight", the size drawn on', 'none');
}

/** Before anything of that size is made: there is no picture yet that it could be compared with. */
function withinLimits(file: string, { height, width }: ImageSize): ImageSize {
  const isSide = (side: number) => Number.isInteger(side) && side > 0 && side <= MAX_SIDE;
  if (isSide(height) && isSide(width) && height * width <= MAX_PIXELS) return { height, width };
  const expected = `a size of at most ${MAX_PIXELS} pixels, ${MAX_SIDE} a side`;
  throw new ImageFileError(file, expected, `${width} x ${height}`);
}

function drawSingle(file: string, image: ImageSize): DrawnTruth {
  const content = readJson(file);
  const plain = plainSchema.safeParse(content).data;
  if (plain) {
    checkDrawnSize(file, plain, image);
    const drawn = blank(image);
    fill(drawn, plain.polygons);
    return drawn;
  }
  const { data: read } = labelmeSchema.safeParse(content);
  if (!read) throw new ImageFileError(file, JSON_KINDS, 'other JSON');
  const { imageHeight: height, imageWidth: width } = read;
  if (height && width) checkDrawnSize(file, { height, width }, image);
  const drawn = blank(image);
  for (const { label, points, shape_type: type } of read.shapes) {
    if (label === '__ignore__' || label === '_background_') continue;
    if (!drawShape(drawn, type ?? 'polygon', points)) drawn.skipped++;
  }
  return drawn;
}

type Point = readonly [number, number];

function drawShape(drawn: DrawnTruth, type: string, points: readonly Point[]): boolean {
  if (type === 'polygon' && points.length >= 3) {
    fill(drawn, [points]);
    return true;
  }
  if (points.length !== 2) return false;
  const [[x, y], [x2, y2]] = points;
  if (type === 'rectangle') {
    const box: Point[] = [
      [x, y],
      [x2, y],
      [x2, y2],
      [x, y2],
    ];
    fill(drawn, [box]);
    return true;
  }
  if (type !== 'circle') return false;
  const radius = Math.hypot(x2 - x, y2 - y);
  const { width, data } = drawn;
  for (let i = 0; i < data.length; i++) {
    const column = (i % width) + 0.5;
    const row = Math.floor(i / width) + 0.5;
    if (Math.hypot(column - x, row - y) <= radius) data[i] = 1;
  }
  return true;
}

function drawCoco(file: string, coco: Coco, image: ImageSize & { file: string }): DrawnTruth {
  const path = comparableName(image.file.replace(/\\/g, '/'));
  const stem = (name: string) => comparableName(name.replace(/\\/g, '/')).replace(/\.[^./]*$/, '');
  const ofImage = coco.images
    .filter(({ file_name: name }) => {
      const wanted = stem(name);
      return stem(path) === wanted || stem(path).endsWith(`/${wanted}`);
    })
    // The one that names the most folders.
    .sort((a, b) => b.file_name.length - a.file_name.length);
  const [found] = ofImage.length > 0 ? ofImage : byName(coco, path, stem);
  if (!found) throw new ImageFileError(file, `annotations of ${basename(image.file)}`, 'none');
  checkDrawnSize(file, found, image);
  const drawn = blank(image);
  for (const { image_id: id, segmentation, bbox } of coco.annotations) {
    if (id !== found.id) continue;
    if (Array.isArray(segmentation) && segmentation.length > 0) {
      const polygons = segmentation.map((flat) =>
        Array.from({ length: Math.floor(flat.length / 2) }, (_, i): Point => [
          flat[2 * i],
          flat[2 * i + 1],
        ]),
      );
      for (const polygon of polygons) fill(drawn, [polygon]);
    } else if (segmentation && !Array.isArray(segmentation)) {
      drawRunLengths(file, drawn, segmentation);
    } else if (bbox?.length === 4) {
      const [x, y, w, h] = bbox;
      const box: Point[] = [
        [x, y],
        [x + w, y],
        [x + w, y + h],
        [x, y + h],
      ];
      fill(drawn, [box]);
    } else drawn.skipped++;
  }
  return drawn;
}

/** Images of this name, in whatever folder the annotations were made. */
function byName(coco: Coco, path: string, stem: (name: string) => string) {
  return coco.images.filter(({ file_name: name }) => basename(stem(name)) === basename(stem(path)));
}

function checkDrawnSize(file: string, drawnOn: ImageSize, image: ImageSize & { file?: string }) {
  if (drawnOn.width === image.width && drawnOn.height === image.height) return;
  throw new ImageFileError(
    file,
    `polygons drawn on the ${image.width} x ${image.height} pixels of its image`,
    `some drawn on ${drawnOn.width} x ${drawnOn.height}`,
  );
}

function blank({ height, width }: ImageSize): DrawnTruth {
  return { height, width, data: new Uint8Array(height * width), skipped: 0 };
}

/** Marks the pixels whose centres lie inside, by the even-odd rule. */
function fill({ height, width, data }: DrawnTruth, polygons: readonly (readonly Point[])[]): void {
  for (const polygon of polygons) {
    for (let row = 0; row < height; row++) {
      const y = row + 0.5;
      const crossings: number[] = [];
      polygon.forEach(([x1, y1], i) => {
        const [x2, y2] = polygon[(i + 1) % polygon.length];
        if (y1 <= y === y2 <= y) return;
        crossings.push(x1 + ((y - y1) / (y2 - y1)) * (x2 - x1));
      });
      crossings.sort((a, b) => a - b);
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        const first = Math.max(0, Math.ceil(crossings[i] - 0.5));
        const end = Math.min(width, Math.ceil(crossings[i + 1] - 0.5));
        if (end > first) data.fill(1, row * width + first, row * width + end);
      }
    }
  }
}

/** Runs of 0 and 1 in turn, column by column, as COCO stores crowds and as segmentation models write masks. */
function drawRunLengths(
  file: string,
  { height, width, data }: DrawnTruth,
  { size, counts }: z.infer<typeof runLengths>,
): void {
  const runs = typeof counts === 'string' ? unpackRunLengths(counts) : counts;
  const total = runs.reduce((sum, run) => sum + run, 0);
  if (size[0] !== height || size[1] !== width || total !== height * width) {
    throw new ImageFileError(
      file,
      `run lengths of ${width} x ${height} pixels`,
      `${total} of ${size[1]} x ${size[0]}`,
    );
  }
  let at = 0;
  runs.forEach((run, i) => {
    for (const end = at + run; at < end; at++) {
      if (i % 2 === 1) data[(at % height) * width + Math.floor(at / height)] = 1;
    }
  });
}

/** COCO's string of run lengths: 5 bits a character, from the third on as differences to the last but one. */
function unpackRunLengths(text: string): number[] {
  const runs: number[] = [];
  for (let at = 0; at < text.length;) {
    let value = 0;
    let shift = 0;
    let more = true;
    while (more && at < text.length) {
      const bits = text.charCodeAt(at++) - 48;
      value |= (bits & 0x1f) << shift;
      more = (bits & 0x20) !== 0;
      shift += 5;
      if (!more && bits & 0x10) value |= -1 << shift;
    }
    runs.push(runs.length > 2 ? value + runs[runs.length - 2] : value);
  }
  return runs;
}
