import { z } from 'zod';
import type { ImageSize } from './decode';
import type { Mask } from './mask';

/*
 * What counts of pictures: one region for all of them, which travels with the detector, or one for each. Outside it nothing
 * is learnt from, scored, measured or found.
 */

const side = z.number().int().positive();

export const regionOfInterestSchema = z.discriminatedUnion('of', [
  z.object({
    of: z.literal('all'),
    /** The name of the file that it was read from. */
    name: z.string(),
    /** Of that file. */
    sha256: z.string(),
    /** Of the pictures, upright. */
    width: side,
    height: side,
    /** Lengths of runs, row by row, outside and inside in turn; the first may be 0. */
    runs: z.string().regex(/^\d+( \d+)*$/),
  }),
  z.object({
    of: z.literal('each'),
    /** The name of the folder, or file, that they were read from. */
    name: z.string(),
    /** Of the regions of all images that are learnt from or held out, in their order. */
    sha256: z.string(),
  }),
]);

/** One region for all pictures of a size, or one for each picture, which lies in a file. */
export type RegionOfInterest = z.infer<typeof regionOfInterestSchema>;
/** One for all. */
export type SharedRegion = Extract<RegionOfInterest, { of: 'all' }>;

/** The runs of a region. */
export function runsOf({ data }: Mask): string {
  const runs: number[] = [];
  let [value, length] = [0, 0];
  for (const pixel of data) {
    if (pixel === value) length++;
    else {
      runs.push(length);
      [value, length] = [pixel, 1];
    }
  }
  return [...runs, length].join(' ');
}

/**
 * 1 inside, 0 outside.
 *
 * @throws RangeError where the runs are not of as many pixels as it has
 */
export function maskOfRegion({ name, width, height, runs }: SharedRegion): Mask {
  const data = new Uint8Array(width * height);
  let at = 0;
  runs.split(' ').forEach((run, i) => {
    const end = at + Number(run);
    if (i % 2 === 1) data.fill(1, at, end);
    at = end;
  });
  if (at === data.length) return { width, height, data };
  throw new RangeError(
    `The region of interest ${name}: expected runs of ${width} x ${height} = ${data.length} pixels, found ${at}.`,
  );
}

/** Whether two regions are of the same pixels, whatever their files are called. */
export function isSameRegion(a: RegionOfInterest | null, b: RegionOfInterest | null): boolean {
  if (a?.of === 'all' && b?.of === 'all') {
    return a.width === b.width && a.height === b.height && a.runs === b.runs;
  }
  return a?.of === b?.of && a?.sha256 === b?.sha256;
}

/** For messages: "region.png", or "one a picture, of regions". */
export function regionInWords(roi: RegionOfInterest | null): string {
  if (roi === null) return 'none';
  const content = ` (SHA-256 ${roi.sha256.slice(0, 8)}…)`;
  return roi.of === 'all' ? `${roi.name}${content}` : `one a picture, of ${roi.name}${content}`;
}

/** Why a picture cannot be judged within a region: what was expected and what was found; null where it can be. */
export function regionFault(
  region: ImageSize & { name: string },
  picture: ImageSize,
): [expected: string, found: string] | null {
  if (region.width === picture.width && region.height === picture.height) return null;
  return [
    `the ${region.width} x ${region.height} pixels of its region of interest ${region.name}`,
    `${picture.width} x ${picture.height}`,
  ];
}

/** What a detector of pictures that each have a region says of one without. */
export const OWN_REGION_MISSING: [expected: string, found: string] = [
  'a region of interest of its own, as each picture that the detector learnt from had',
  'none',
];
