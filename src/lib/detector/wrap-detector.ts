import type { AnomalyDetector } from '../anomaly-map/detect';
import { PictureFault } from '../anomaly-map/detection';
import { judgeBatches, judgePictures } from '../anomaly-map/judge-batches';
import type { PictureDetection } from '../anomaly-map/judge-picture';
import { isDefective } from '../anomaly-map/threshold';
import type { RgbImage } from '../data/image';
import type { ResizeFilter } from '../data/resample';
import type { ValueRange } from '../data/value-range';
import { FileError } from '../files/file-error';
import { connectedComponents } from '../metrics/regions';
import type { ImageSize } from '../metrics/scores';
import { sizeOf } from '../models/side-or-size';
import type {
  AnomalyMap,
  DefectMask,
  DefectRegion,
  DetectionResult,
  Detector,
  Region,
} from './detector';
import { ImageInputError } from './image-input';
import type { ImageInput } from './image-input';

/** A decoded image at the size asked for, and the size that it had. */
export interface ReadImage {
  picture: RgbImage;
  imageSize: ImageSize;
}

/** With what counts of it, where it is given that itself. */
type Read = ReadImage & { region?: Region };

/** How this platform reads images. */
export type ReadImageInput = (
  image: ImageInput,
  options: { size?: ImageSize; filter: ResizeFilter; valueRange?: ValueRange | null },
) => Promise<ReadImage>;

/** What a detector is made of. */
export interface DetectorParts {
  name: string;
  detector: AnomalyDetector;
  /** Whether the score of an image is the largest value of its map, so that the threshold holds for pixels too. */
  scoreIsLargest: boolean;
  readImage: ReadImageInput;
}

const DEFAULT_BATCH = 8;

/** A detector for whole images in any form, around one for stacks of pixels. */
export function wrapDetector({
  name,
  detector,
  scoreIsLargest,
  readImage,
}: DetectorParts): Detector {
  const { imageSize, resizeFilter, valueRange, threshold } = detector;
  const size = sizeOf(imageSize);
  const isWhole = seesWholePictures(detector);
  const reading = { filter: resizeFilter, valueRange };
  const running = new Set<Promise<unknown>>();
  let disposed: Promise<void> | undefined;

  const requireOpen = () => {
    if (disposed) throw new Error(`${name}: expected an open detector, found one after dispose().`);
  };

  /** @param region of an image that has its own: then it is judged in its own size too */
  const readAs = async (image: ImageInput, region?: Region): Promise<Read> => {
    const options = isWhole && !region ? { size, ...reading } : reading;
    return { ...(await readImage(image, options)), region };
  };

  async function tracked<Result>(work: Promise<Result>): Promise<Result> {
    running.add(work);
    try {
      return await work;
    } finally {
      running.delete(work);
    }
  }

  const judge = (read: readonly Read[], signal: AbortSignal | undefined) => {
    requireOpen();
    const inOwnSize = read.some(isInOwnSize);
    return tracked(judgePictures(detector, read, { inOwnSize, signal }));
  };

  const isInOwnSize = ({ region }: Read) => !isWhole || region !== undefined;

  const resultOf = ({ score, map, unseen }: PictureDetection, read: Read): DetectionResult => ({
    ...describe(score, map, isInOwnSize(read) ? read.imageSize : size, read.imageSize),
    unseen,
  });

  /** With the detector's name, for it is the detector that has no answer. */
  const withName = (error: Error) =>
    error instanceof PictureFault
      ? new RangeError(`${name}: expected ${error.expected}, found ${error.found}.`, {
          cause: error,
        })
      : error;

  function describe(
    score: number,
    values: Float32Array | null,
    { height, width }: ImageSize,
    ofImage: ImageSize,
  ): Omit<DetectionResult, 'unseen'> {
    const map = values && { height, width, data: values };
    const limit = scoreIsLargest && threshold ? threshold.value : null;
    const mask = map && limit !== null ? maskOf(map, limit) : null;
    return {
      score,
      isDefective: threshold && isDefective(score, threshold.value),
      map,
      mask,
      regions: map && mask && regionsOf(map, mask, ofImage),
      imageSize: ofImage,
    };
  }

  return {
    name,
    imageSize,
    resizeFilter,
    threshold,
    roi: detector.roi ?? null,
    async detect(image, { signal, region } = {}) {
      requireOpen();
      signal?.throwIfAborted();
      const read = await readAs(image, region);
      signal?.throwIfAborted();
      const [judged] = await judge([read], signal);
      if (judged instanceof Error) throw withName(judged);
      return resultOf(judged, read);
    },
    async *detectMany(images, { batchSize = DEFAULT_BATCH, signal } = {}) {
      if (!Number.isInteger(batchSize) || batchSize < 1) {
        throw new RangeError(
          `Expected a batch size that is a whole number of at least 1, found ${batchSize}.`,
        );
      }
      requireOpen();
      const judged = judgeBatches(requireMany(images), {
        ...{ batchSize, ahead: true, signal },
        read: (image) => readAs(image).catch(unlessUnreadable),
        judge: (read) => judge(read, signal),
      });
      let index = 0;
      for await (const one of judged) {
        const named = { index: index++, image: one.input };
        yield one.error
          ? { ...named, result: null, error: withName(one.error) }
          : { ...named, result: resultOf(one.detection, one.read), error: null };
      }
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };

  function dispose(): Promise<void> {
    disposed ??= Promise.allSettled(running).then(() => detector.dispose());
    return disposed;
  }
}

/** Whether a detector sees each picture stretched to one size, and all of it counts: several at once, then. */
function seesWholePictures({
  fit = 'stretch',
  tileOverlap = null,
  roi = null,
}: AnomalyDetector): boolean {
  return fit === 'stretch' && tileOverlap === null && roi === null;
}

/** An image that cannot be read is an answer; another error is none. */
function unlessUnreadable(error: unknown): Error {
  if (error instanceof FileError || error instanceof ImageInputError) return error;
  throw error;
}

/** @throws TypeError for anything but a list or a stream */
function requireMany<Many extends Iterable<ImageInput> | AsyncIterable<ImageInput>>(
  images: Many,
): Many {
  const isMany =
    typeof images === 'object' &&
    images !== null &&
    (Symbol.asyncIterator in images || Symbol.iterator in images);
  if (isMany) return images;
  throw new TypeError('detectMany: expected a list or a stream of images; `detect` takes one.');
}

function maskOf({ height, width, data }: AnomalyMap, threshold: number): DefectMask {
  // NaN where nothing is said, and nothing is found.
  const isFound = (value: number) => !Number.isNaN(value) && isDefective(value, threshold);
  return { height, width, data: Uint8Array.from(data, (value) => +isFound(value)) };
}

function regionsOf(map: AnomalyMap, mask: DefectMask, ofImage: ImageSize): DefectRegion[] {
  const { labels, sizes } = connectedComponents(mask.data, mask);
  const found = Array.from(sizes.subarray(1), (pixels) => ({
    ...{ pixels, score: -Infinity },
    ...{ left: map.width, top: map.height, right: 0, bottom: 0 },
  }));
  labels.forEach((label, i) => {
    if (label === 0) return;
    const region = found[label - 1];
    const x = i % map.width;
    const y = (i - x) / map.width;
    region.score = Math.max(region.score, map.data[i]);
    region.left = Math.min(region.left, x);
    region.right = Math.max(region.right, x + 1);
    region.top = Math.min(region.top, y);
    region.bottom = Math.max(region.bottom, y + 1);
  });
  const across = ofImage.width / map.width;
  const down = ofImage.height / map.height;
  return found
    .map(({ pixels, score, left, top, right, bottom }) => ({
      score,
      pixels,
      box: {
        left: left * across,
        top: top * down,
        width: (right - left) * across,
        height: (bottom - top) * down,
      },
    }))
    .sort((a, b) => b.score - a.score);
}
