import { z } from 'zod';

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
