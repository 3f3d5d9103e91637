import { z } from 'zod';
import { MAX_PIXELS, MAX_SIDE } from '../files/limits';

/*
 * What counts of pictures: one region for all of them, which travels with the detector, or one for each. Outside it nothing
 * is learnt from, scored, measured or found.
 */

/** One for all pictures of a size. */
export interface SharedRegion {
  of: 'all';
  /** The name of the file that it was read from. */
  name: string;
  /** Of that file. */
  sha256: string;
  /** Of the pictures, upright. */
  width: number;
  height: number;
  /** Lengths of runs, row by row, outside and inside in turn; the first may be 0. */
  runs: string;
}

/** One for each picture, which lies in a file. */
export interface OwnRegions {
  of: 'each';
  /** The name of the folder, or file, that they were read from. */
  name: string;
  /** Of the regions of all images that are learnt from or held out, in their order. */
  sha256: string;
}

export type RegionOfInterest = SharedRegion | OwnRegions;

const side = z.number().int().positive().max(MAX_SIDE);

/** Before a mask is made of it: a few characters can claim terabytes. */
const isWithinLimits = (roi: { of: string; width?: number; height?: number }) =>
  (roi.width ?? 0) * (roi.height ?? 0) <= MAX_PIXELS;

export const regionOfInterestSchema: z.ZodType<RegionOfInterest> = z
  .discriminatedUnion('of', [
    z.object({
      of: z.literal('all'),
      name: z.string(),
      sha256: z.string(),
      width: side,
      height: side,
      runs: z.string().regex(/^\d+( \d+)*$/),
    }),
    z.object({ of: z.literal('each'), name: z.string(), sha256: z.string() }),
  ])
  .refine(isWithinLimits, `expected at most ${MAX_PIXELS} pixels`);

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
