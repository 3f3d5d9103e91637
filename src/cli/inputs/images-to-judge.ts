import * as fs from 'fs';
import * as path from 'path';
import { nanInMap } from '../../lib/anomaly-map/anomaly-map';
import type { AnomalyDetector, DetectOptions } from '../../lib/anomaly-map/detect';
import { ImageFileError } from '../../lib/data/decode';
import { readImageFolder } from '../../lib/data/folder';
import { loadRgb } from '../../lib/data/image';
import type { RgbImage } from '../../lib/data/image';

/** An image that the user names, or that lies in a folder that the user names. */
export interface ImageToJudge {
  /** Its path as the user would write it. */
  name: string;
  /** Absolute. */
  file: string;
}

/**
 * The images of a list of files and folders, in the order given; of a folder those directly in it.
 *
 * @throws DatasetError for a folder without images; Error for a path where nothing is
 */
export function imagesToJudge(paths: readonly string[]): ImageToJudge[] {
  return paths.flatMap((name) => {
    const file = path.resolve(name);
    const stat = fs.statSync(file, { throwIfNoEntry: false });
    if (!stat) throw new Error(`${name}: expected an image or a folder of images, found nothing.`);
    if (!stat.isDirectory()) return [{ name, file }];
    return readImageFolder(file).map((sample) => ({
      name: path.join(name, path.basename(sample.file)),
      file: sample.file,
    }));
  });
}

/** What the detector says of one image, or why it cannot say anything. */
export type Judgement = { image: ImageToJudge } & (
  { score: number; map: Float32Array | null; picture: RgbImage } | { error: Error }
);

/** Images that are read, judged and forgotten together: any number of images takes the same memory. */
const CHUNK = 16;

/**
 * Judges images one after the other; one that cannot be read, or whose map contains NaN, does not stop the
 * others.
 */
export async function* judgeImages(
  { imageSize, resizeFilter, valueRange, detect }: AnomalyDetector,
  images: readonly ImageToJudge[],
  { signal }: Pick<DetectOptions, 'signal'> = {},
): AsyncGenerator<Judgement> {
  const size = { height: imageSize, width: imageSize };
  for (let start = 0; start < images.length; start += CHUNK) {
    signal?.throwIfAborted();
    const chunk = await Promise.all(
      images.slice(start, start + CHUNK).map(async (image) => {
        try {
          const picture = await loadRgb(image.file, {
            size,
            filter: resizeFilter,
            valueRange,
          });
          return { image, picture };
        } catch (error) {
          if (error instanceof ImageFileError) return { image, error };
          throw error;
        }
      }),
    );
    const pictures = chunk.flatMap(({ picture }) => picture ?? []);
    const data = new Uint8Array(pictures.length * imageSize * imageSize * 3);
    pictures.forEach((picture, i) => data.set(picture.data, i * picture.data.length));
    const stack = { count: pictures.length, ...size, data };
    const detections = await detect(stack, { signal });
    let next = 0;
    for (const { image, picture, error } of chunk) {
      if (error) {
        yield { image, error };
        continue;
      }
      const { score, map } = detections[next++];
      const nan = map ? nanInMap(map, imageSize) : Number.isNaN(score) ? 'NaN as its score' : null;
      if (nan === null) yield { image, picture, score, map };
      else
        yield {
          image,
          error: new Error(`${image.file}: expected an anomaly map of numbers, found ${nan}`),
        };
    }
  }
}
