import { tilePlaces, tileStack } from '../anomaly-map/tiles';
import type { ImageSize } from '../metrics/scores';
import { openImage } from '../data/decode';
import { loadRgb } from '../data/image';
import type { ImageStack, LoadImagesOptions } from '../data/image';
import type { PictureFile } from '../data/load-frames';
import type { RegionOfInterest } from '../data/region-of-interest';
import { regionOfPicture } from '../data/regions-of-pictures';
import { Random } from '../random/random';

export interface TrainTilesOptions extends Pick<
  LoadImagesOptions,
  'signal' | 'onProgress' | 'valueRange'
> {
  /** Of the tiles. */
  size: ImageSize;
  overlap: number;
  /** How many at most. */
  limit: number;
  seed: number;
  /** What counts of pictures without a region of their own. Default: all. Tiles that show nothing of it are left out. */
  roi?: RegionOfInterest | null;
}

/** A tile of one of the pictures. */
interface Place {
  sample: number;
  left: number;
  top: number;
}

/**
 * Tiles of pictures at their own resolution, in the order of the pictures: all, or as many as the seed chooses evenly from
 * them all. One picture at a time is in memory.
 *
 * @throws ImageFileError for the first file that cannot be used
 */
export async function loadTiles(
  samples: readonly PictureFile[],
  { size, overlap, limit, seed, roi = null, valueRange, signal, onProgress }: TrainTilesOptions,
): Promise<ImageStack> {
  const places: Place[] = [];
  for (const [sample, image] of samples.entries()) {
    signal?.throwIfAborted();
    const picture = await openImage(image.file);
    const region = await regionOfPicture(image, picture, roi);
    for (const place of tilePlaces(picture, size, overlap, region)) {
      places.push({ sample, ...place });
    }
  }
  const chosen = someOf(places, limit, seed);
  const pixels = size.height * size.width;
  const data = new Uint8Array(chosen.length * pixels * 3);
  let region: Uint8Array | undefined;
  let next = 0;
  for (const [sample, image] of samples.entries()) {
    signal?.throwIfAborted();
    const ofPicture = chosen.filter((place) => place.sample === sample);
    if (ofPicture.length > 0) {
      const picture = await loadRgb(image.file, { valueRange });
      const counts = await regionOfPicture(image, picture, roi);
      const stack = tileStack(picture, ofPicture, size, counts);
      data.set(stack.data, next * pixels * 3);
      if (stack.region) {
        region ??= new Uint8Array(chosen.length * pixels).fill(1);
        region.set(stack.region, next * pixels);
      }
      next += ofPicture.length;
    }
    onProgress?.(sample + 1, samples.length);
  }
  const { height, width } = size;
  return { count: chosen.length, height, width, data, ...(region && { region }) };
}

function someOf(places: readonly Place[], limit: number, seed: number): readonly Place[] {
  if (places.length <= limit) return places;
  const order = Random.fromSeed(seed)
    .fork('tiles')
    .shuffle(places.map((_, i) => i));
  const chosen = new Set(order.slice(0, limit));
  return places.filter((_, i) => chosen.has(i));
}
