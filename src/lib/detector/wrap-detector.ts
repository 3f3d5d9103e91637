import type { AnomalyDetector } from '../anomaly-map/detect';
import { judgePicture } from '../anomaly-map/judge-picture';
import { nanInMap } from '../anomaly-map/map-values';
import { isDefective } from '../anomaly-map/threshold';
import { CONCURRENCY, forEachConcurrently } from '../data/image';
import type { RgbImage } from '../data/image';
import type { ResizeFilter } from '../data/resample';
import type { ValueRange } from '../data/value-range';
import { FileError } from '../files/file-error';
import { connectedComponents } from '../metrics/regions';
import type { ImageSize } from '../metrics/scores';
import { sizeOf } from '../models/image-size';
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
  const readAs = (image: ImageInput, region?: Region) =>
    readImage(image, isWhole && !region ? { size, ...reading } : reading);

  async function tracked<Result>(work: Promise<Result>): Promise<Result> {
    running.add(work);
    try {
      return await work;
    } finally {
      running.delete(work);
    }
  }

  /** Judges an image in its own size: one that may be padded, cropped or tiled, or of which only a region counts. */
  async function judgeInOwnSize(
    { picture, imageSize }: ReadImage,
    signal: AbortSignal | undefined,
    region?: Region,
  ): Promise<DetectionResult> {
    requireOpen();
    const { score, map, unseen } = await tracked(
      judgePicture(detector, picture, { signal, region }),
    ).catch((error) => {
      if (!(error instanceof RangeError)) throw error;
      throw new RangeError(`${name}: ${error.message}`, { cause: error });
    });
    return { ...describe(score, map, imageSize, imageSize), unseen };
  }

  /** Judges what could be read; errors in their places. */
  async function judge(
    batch: readonly (ReadImage | Error)[],
    signal: AbortSignal | undefined,
  ): Promise<(DetectionResult | Error)[]> {
    requireOpen();
    if (!isWhole) {
      const results: (DetectionResult | Error)[] = [];
      for (const image of batch) {
        signal?.throwIfAborted();
        results.push(
          image instanceof Error ? image : await judgeInOwnSize(image, signal).catch(unlessRange),
        );
      }
      return results;
    }
    const read = batch.filter((image): image is ReadImage => !(image instanceof Error));
    const data = new Uint8Array(read.length * size.height * size.width * 3);
    read.forEach(({ picture }, i) => data.set(picture.data, i * picture.data.length));
    const detections = await tracked(
      detector.detect({ count: read.length, ...size, data }, { signal }),
    );
    let next = 0;
    return batch.map((image) => {
      if (image instanceof Error) return image;
      const { score, map } = detections[next++];
      const nan = map ? nanInMap(map, size.width) : Number.isNaN(score) ? 'NaN as its score' : null;
      if (nan !== null) {
        return new RangeError(`${name}: expected an anomaly map of numbers, found ${nan}.`);
      }
      return { ...describe(score, map, size, image.imageSize), unseen: 0 };
    });
  }

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
      if (region) return judgeInOwnSize(read, signal, region);
      const [result] = await judge([read], signal);
      if (result instanceof Error) throw result;
      return result;
    },
    async *detectMany(images, { batchSize = DEFAULT_BATCH, signal } = {}) {
      if (!Number.isInteger(batchSize) || batchSize < 1) {
        throw new RangeError(
          `Expected a batch size that is a whole number of at least 1, found ${batchSize}.`,
        );
      }
      requireOpen();
      const iterator = iterate(images);
      let index = 0;
      const readBatch = async () => {
        const inputs: ImageInput[] = [];
        while (inputs.length < batchSize) {
          signal?.throwIfAborted();
          const { done, value } = await iterator.next();
          if (done) break;
          inputs.push(value);
        }
        const read: (ReadImage | Error)[] = [];
        await forEachConcurrently(inputs.length, CONCURRENCY, async (i) => {
          signal?.throwIfAborted();
          read[i] = await readAs(inputs[i]).catch(unlessUnreadable);
        });
        return { inputs, read };
      };
      let next: ReturnType<typeof readBatch> | undefined = readBatch();
      try {
        for (;;) {
          const { inputs, read } = await next;
          if (inputs.length === 0) return;
          next = readBatch();
          // It is looked at when its turn comes.
          next.catch(() => {});
          const results = await judge(read, signal);
          for (const [i, result] of results.entries()) {
            const image = inputs[i];
            if (result instanceof Error)
              yield { index: index++, image, result: null, error: result };
            else yield { index: index++, image, result, error: null };
          }
        }
      } finally {
        // An iterator may be asked for one thing at a time.
        await next?.catch(() => {});
        await iterator.return?.();
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

/** A picture that does not fit its region, or whose map is broken, is an answer; another error is none. */
function unlessRange(error: unknown): Error {
  if (error instanceof RangeError) return error;
  throw error;
}

/** An image that cannot be read is an answer; another error is none. */
function unlessUnreadable(error: unknown): Error {
  if (error instanceof FileError || error instanceof ImageInputError) return error;
  throw error;
}

type EitherIterator = AsyncIterator<ImageInput> | Iterator<ImageInput>;

function iterate(images: Iterable<ImageInput> | AsyncIterable<ImageInput>): EitherIterator {
  if (typeof images === 'object' && images !== null) {
    if (Symbol.asyncIterator in images) return images[Symbol.asyncIterator]();
    if (Symbol.iterator in images) return images[Symbol.iterator]();
  }
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
