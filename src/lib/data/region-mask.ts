import type { ImageSize } from '../metrics/scores';
import type { Mask } from './mask';
import type { SharedRegion } from './region-of-interest';

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
