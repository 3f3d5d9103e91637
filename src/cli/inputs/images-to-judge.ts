import * as fs from 'fs';
import * as path from 'path';
import type { AnomalyDetector, DetectOptions } from '../../lib/anomaly-map/detect';
import { PictureFault } from '../../lib/anomaly-map/detection';
import { judgeBatches, judgePictures } from '../../lib/anomaly-map/judge-batches';
import { isPlain } from '../../lib/anomaly-map/judge-picture';
import { isImageName } from '../../lib/data/formats/kinds';
import { naturalOrder } from '../../lib/data/folder';
import { loadRgb } from '../../lib/data/image';
import type { LoadedRgb } from '../../lib/data/image';
import { RegionFiles, regionOfPicture } from '../../lib/data/regions-of-pictures';
import { FileError } from '../../lib/files/file-error';
import { kindOf, readHead } from '../../lib/files/read-file';
import { sizeOf } from '../../lib/models/side-or-size';

/** An image that the user names, or that lies in a folder that the user names. */
export interface ImageToJudge {
  /** Its path as the user would write it. */
  name: string;
  /** Absolute. */
  file: string;
  /** Why it cannot be judged, where that is known before it is read. */
  error?: Error;
}

export interface FoundImages {
  /** Everything that is, or may be, an image: all of them are judged or named with the reason. */
  images: ImageToJudge[];
  /** Names of files that are no images, neither by their names nor by how they begin. */
  passedOver: string[];
}

/** How files of pictures are called that may not be readable here: each is tried, so that it is judged or refused by name. */
const PICTURE_NAMES =
  /\.(png|apng|jpe?g?|jfif|jfi|jif|bmp|dib|tiff?|webp|gif|hei[cf]s?|avif|p[bgpn]m|pfm|jp2|j2k|jpx|jxl|exr|hdr|tga|psd|dng|raw|cr[23w]|nef|arw|orf|rw2|raf|pcx|sgi|svg|ico|dcm)$/i;

/** How PNG, JPEG, TIFF, WebP (and other RIFF), GIF, BMP, HEIF, AVIF, JPEG XL and JPEG 2000 files begin. */
const SIGNATURE =
  /^(89504e47|ffd8ff|49492a00|4d4d002a|49492b00|4d4d002b|52494646|47494638|424d|.{8}66747970(6865|6d69|6d73|6176)|ff0a|0000000c)/;

/** Whether a file is an image by its name or, where the name says nothing, by how it begins. */
function mayBeImage(file: string): boolean {
  if (isImageName(file) || PICTURE_NAMES.test(file)) return true;
  try {
    const head = readHead(file, 12, (found) => {
      throw new Error(found);
    });
    return SIGNATURE.test(head.toString('hex'));
  } catch {
    return false; // what cannot be read is passed over, and named
  }
}

/**
 * The images of a list of files and folders, in the order given; of a folder those in it, then those of its folders, all
 * the way down.
 *
 * @param except a folder that is left out: where the results go
 * @throws FileError for a path where nothing is
 */
export function imagesToJudge(paths: readonly string[], except?: string): FoundImages {
  const found: FoundImages = { images: [], passedOver: [] };
  const walk = folderWalk(found, except);
  for (const name of paths) {
    const stat = fs.statSync(path.resolve(name), { throwIfNoEntry: false });
    if (!stat) throw new FileError(name, 'an image or a folder of images', 'nothing');
    if (stat.isDirectory()) walk(name, []);
    else found.images.push(toJudge(name, stat));
  }
  return found;
}

function toJudge(name: string, stat: fs.Stats | undefined): ImageToJudge {
  const file = path.resolve(name);
  if (stat?.isFile()) return { name, file };
  const kind = stat ? kindOf(stat) : 'a link to nothing';
  return { name, file, error: new FileError(name, 'an image file', kind) };
}

function folderWalk({ images, passedOver }: FoundImages, except: string | undefined) {
  const exceptPath = except === undefined ? undefined : realPath(except);
  /** @param above real paths of the folders that it lies in: a link may lead back to one */
  const walk = (folder: string, above: readonly string[]): void => {
    const real = realPath(folder);
    if (real === exceptPath || above.includes(real)) return;
    let names: string[];
    try {
      names = fs.readdirSync(folder).sort(naturalOrder);
    } catch (cause) {
      const found = (cause as Error).message;
      const error = new FileError(folder, 'a folder that can be read', found, { cause });
      images.push({ name: folder, file: path.resolve(folder), error });
      return;
    }
    const folders: string[] = [];
    for (const entry of names) {
      const name = path.join(folder, entry);
      const stat = statOf(name);
      if (entry.startsWith('.')) passedOver.push(stat?.isDirectory() ? `${name}${path.sep}` : name);
      else if (stat?.isDirectory()) folders.push(name);
      else if (stat?.isFile() ? mayBeImage(name) : PICTURE_NAMES.test(name)) {
        images.push(toJudge(name, stat));
      } else passedOver.push(name);
    }
    for (const name of folders) walk(name, [...above, real]);
  };
  return walk;
}

function statOf(name: string): fs.Stats | undefined {
  try {
    return fs.statSync(name, { throwIfNoEntry: false });
  } catch {
    return undefined; // a link to itself, for one
  }
}

function realPath(name: string): string {
  try {
    return fs.realpathSync(name);
  } catch {
    return path.resolve(name);
  }
}

/** What the detector says of one image, or why it cannot say anything. */
export type Judgement = { image: ImageToJudge } & (
  | {
      score: number;
      /** Of the picture's size. */
      map: Float32Array | null;
      /** At the detector's size; of a detector that is not square, pads, crops or sees tiles, in its own. */
      picture: LoadedRgb;
      /** The share of the picture that was not looked at; left out where it was looked at as a whole. */
      unseen?: number;
    }
  | { error: Error }
);

/** Images that are read, judged and forgotten together: any number of images takes the same memory. */
const CHUNK = 16;

export interface JudgeImagesOptions extends Pick<DetectOptions, 'signal'> {
  /** Where each image's region of interest lies. Default: the detector has one for all, or needs none. */
  regions?: RegionLookup;
}

/** Finds the region of interest of an image. */
export interface RegionLookup {
  /** @throws FileError for an image without one */
  of(image: ImageToJudge): string;
}

/** Regions of interest by the names of their images. */
export class RegionFolder implements RegionLookup {
  private files: RegionFiles;

  /**
   * @param path a folder of regions, or a COCO file
   * @param base the folder that the images' paths are seen from
   */
  constructor(
    readonly path: string,
    private readonly base: string,
  ) {
    this.files = new RegionFiles(path);
  }

  /** @throws FileError for an image without a region, or with the name of another one */
  of({ name, file }: ImageToJudge): string {
    const below = path.relative(this.base, file).split(path.sep).join('/');
    const find = () => this.files.find(below, path.basename(this.base), file);
    let found = find();
    if (found === null) {
      // It may have come since, as the image has.
      this.files = new RegionFiles(this.path);
      found = find();
    }
    if (found !== null) return found;
    throw new FileError(name, `its region of interest in ${this.path}`, 'none of its name');
  }
}

/**
 * Judges images in their order; one that cannot be read, or whose map or score is not made of finite numbers, does not
 * stop the others.
 */
export async function* judgeImages(
  detector: AnomalyDetector,
  images: readonly ImageToJudge[],
  { signal, regions }: JudgeImagesOptions = {},
): AsyncGenerator<Judgement> {
  const { valueRange, resizeFilter: filter, roi = null } = detector;
  const inOwnSize = !isPlain(detector) || regions !== undefined;
  const size = inOwnSize ? undefined : sizeOf(detector.imageSize);
  const read = async (image: ImageToJudge) => {
    if (image.error) return image.error;
    try {
      const picture = await loadRgb(image.file, { size, filter, valueRange });
      if (!inOwnSize) return { picture };
      const regionFile = regions?.of(image);
      const region = (await regionOfPicture({ ...image, regionFile }, picture, roi)) ?? undefined;
      return { picture, region };
    } catch (error) {
      if (error instanceof FileError) return error;
      throw error;
    }
  };
  const judged = judgeBatches(images, {
    // Pictures in their own size may be large: there is one at a time.
    ...{ batchSize: inOwnSize ? 1 : CHUNK, ahead: !inOwnSize, signal },
    read,
    judge: (pictures) => judgePictures(detector, pictures, { inOwnSize, signal }),
  });
  for await (const one of judged) {
    const { input: image, error } = one;
    if (error instanceof PictureFault) {
      const { expected, found } = error;
      yield { image, error: new FileError(image.name, expected, found, { cause: error }) };
    } else if (error) yield { image, error };
    else {
      const { score, map, unseen } = one.detection;
      yield { image, picture: one.read.picture, score, map, ...(unseen > 0 && { unseen }) };
    }
  }
}
