import { join, parse } from 'node:path';
import { DatasetError } from './dataset-error';
import { readFolder } from './read-folder';

/** The images of one defect type with their masks. */
export interface MaskPairs {
  /** Path of the mask by the image's name; null where there is none. */
  masks: Map<string, string | null>;
  /** Names of masks that belong to no image. */
  orphans: string[];
}

/**
 * Pairs images with masks by name: `000.png` with `000_mask.png` (MVTec AD) or `000.png` (others),
 * whatever the file name endings.
 *
 * @throws DatasetError when two images or two masks claim the same name
 */
export function pairMasks(imageFolder: string, maskFolder: string): MaskPairs {
  const { images } = readFolder(imageFolder);
  const imageOf = uniqueStems(imageFolder, images, (stem) => stem);
  const maskOf = uniqueStems(maskFolder, readFolder(maskFolder).images, (stem) =>
    stem.replace(/_mask$/i, ''),
  );
  const masks = new Map<string, string | null>();
  for (const [stem, image] of imageOf) {
    const mask = maskOf.get(stem);
    masks.set(image, mask === undefined ? null : join(maskFolder, mask));
  }
  const orphans = [...maskOf].filter(([stem]) => !imageOf.has(stem)).map(([, name]) => name);
  return { masks, orphans };
}

function uniqueStems(
  folder: string,
  names: string[],
  stemOf: (name: string) => string,
): Map<string, string> {
  const byStem = new Map<string, string>();
  for (const name of names) {
    const stem = stemOf(parse(name).name);
    const other = byStem.get(stem);
    if (other !== undefined) {
      throw new DatasetError(folder, `one file for '${stem}'`, `${other} and ${name}`);
    }
    byStem.set(stem, name);
  }
  return byStem;
}
