import { decode, largestValueOf, openImage } from './decode';
import { ImageFileError } from '../files/file-error';
import { listNames } from './folder';
import { CONCURRENCY, forEachConcurrently } from './image';
import type { Sample } from './sample';

/**
 * Runs `load`, which reads these images. If one of them cannot be used, all are looked through, so that the error names each
 * of them, and nobody has to find the next one by trying again.
 *
 * @throws ImageFileError with the message of the first that cannot be used, and the files of the others
 */
export async function namingAll<T>(
  samples: readonly Pick<Sample, 'file'>[],
  load: () => Promise<T>,
): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof ImageFileError)) throw error;
    const damaged: ImageFileError[] = [];
    await forEachConcurrently(samples.length, CONCURRENCY, async (i) => {
      try {
        const image = await openImage(samples[i].file);
        // Whatever the scale of deeper ones is.
        if (image.samples === 'uint8') await decode(image);
        else await largestValueOf(image);
      } catch (other) {
        if (!(other instanceof ImageFileError)) throw other;
        damaged.push(other);
      }
    });
    const others = damaged.filter(({ file }) => file !== error.file);
    if (others.length === 0) throw error;
    const list = listNames(others.map(({ file, found }) => `${file} (${found})`));
    const found = `${error.found}; nor can ${others.length === 1 ? 'this' : 'these'} be used: ${list}`;
    throw new ImageFileError(error.file, error.expected, found, { cause: error });
  }
}
