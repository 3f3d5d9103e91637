import { CONCURRENCY, forEachConcurrently } from '../data/image';
import type { RgbImage } from '../data/image';
import type { Mask } from '../data/mask';
import { sizeOf } from '../models/side-or-size';
import type { AnomalyDetector, DetectOptions } from './detect';
import { detectionFault, PictureFault } from './detection';
import { judgePicture } from './judge-picture';
import type { PictureDetection } from './judge-picture';

/** A picture that has been read, to be judged. */
export interface PictureToJudge {
  picture: RgbImage;
  /** What counts of it, at its size. Default: the detector's region for all pictures. */
  region?: Mask;
}

export interface JudgePicturesOptions extends Pick<DetectOptions, 'signal'> {
  /** Whether the pictures have their own sizes; else they have been brought to the detector's. */
  inOwnSize: boolean;
}

/**
 * Judges pictures: together where they have the detector's size, else one after the other, for they may be large.
 *
 * @returns what the detector says of each in its turn, or why it cannot say anything; maps at the pictures' sizes
 * @throws TypeError for a detector whose scores are not the largest values of its maps, where not all of them counts; the
 *   signal's reason
 */
export async function judgePictures(
  detector: AnomalyDetector,
  pictures: readonly PictureToJudge[],
  { inOwnSize, signal }: JudgePicturesOptions,
): Promise<(PictureDetection | PictureFault)[]> {
  if (inOwnSize) {
    const judged: (PictureDetection | PictureFault)[] = [];
    for (const { picture, region } of pictures) {
      signal?.throwIfAborted();
      judged.push(await judgePicture(detector, picture, { signal, region }).catch(unlessFault));
    }
    return judged;
  }
  const size = sizeOf(detector.imageSize);
  const data = new Uint8Array(pictures.length * size.height * size.width * 3);
  pictures.forEach(({ picture }, i) => data.set(picture.data, i * picture.data.length));
  const detections = await detector.detect({ count: pictures.length, ...size, data }, { signal });
  return pictures.map((_, i) => {
    const { [i]: detection } = detections;
    const fault = detectionFault(detection, size);
    return fault ?? { score: detection.score, map: detection.map, unseen: 0 };
  });
}

function unlessFault(error: unknown): PictureFault {
  if (error instanceof PictureFault) return error;
  throw error;
}

export interface JudgeBatchesOptions<Input, Read extends PictureToJudge> extends Pick<
  DetectOptions,
  'signal'
> {
  /** Pictures that are read, judged and forgotten together: any number of them takes the same memory. */
  batchSize: number;
  /** Whether the next batch is read while one is judged. */
  ahead: boolean;
  /** Reads a picture. An error that it returns is the answer for this one; what it throws ends all. */
  read(input: Input): Promise<Read | Error>;
  /** Judges those that could be read; see `judgePictures`. */
  judge(pictures: readonly Read[]): Promise<(PictureDetection | PictureFault)[]>;
}

/** One of many: as it was read, and what the detector says of it; or why it cannot say anything. */
export type JudgedInput<Input, Read> = { input: Input } & (
  { read: Read; detection: PictureDetection; error: null } | { error: Error }
);

/**
 * Judges pictures as they come, in their order; one that cannot be read or judged does not stop the others, and is never
 * passed over. No more of them are asked for than the batch that is judged and, `ahead`, the next one. Ending the loop
 * early closes `inputs`.
 *
 * @throws whatever `inputs`, `read` or `judge` throws; the signal's reason
 */
export async function* judgeBatches<Input, Read extends PictureToJudge>(
  inputs: Iterable<Input> | AsyncIterable<Input>,
  { batchSize, ahead, read, judge, signal }: JudgeBatchesOptions<Input, Read>,
): AsyncGenerator<JudgedInput<Input, Read>, void, undefined> {
  const iterator =
    Symbol.asyncIterator in inputs ? inputs[Symbol.asyncIterator]() : inputs[Symbol.iterator]();
  const readBatch = async () => {
    const batch: { input: Input; read: Read | Error }[] = [];
    const taken: Input[] = [];
    while (taken.length < batchSize) {
      signal?.throwIfAborted();
      const { done, value } = await iterator.next();
      if (done) break;
      taken.push(value);
    }
    await forEachConcurrently(taken.length, CONCURRENCY, async (i) => {
      signal?.throwIfAborted();
      batch[i] = { input: taken[i], read: await read(taken[i]) };
    });
    return batch;
  };
  let next: ReturnType<typeof readBatch> | undefined;
  try {
    for (;;) {
      const batch = await (next ?? readBatch());
      next = undefined;
      if (batch.length === 0) return;
      if (ahead) {
        next = readBatch();
        // It is looked at when its turn comes.
        next.catch(() => {});
      }
      const readable = batch.flatMap(({ read }) => (read instanceof Error ? [] : read));
      const judged = readable.length > 0 ? await judge(readable) : [];
      let at = 0;
      for (const { input, read } of batch) {
        if (read instanceof Error) yield { input, error: read };
        else {
          const detection = judged[at++];
          yield detection instanceof Error
            ? { input, error: detection }
            : { input, read, detection, error: null };
        }
      }
    }
  } finally {
    // An iterator may be asked for one thing at a time.
    await next?.catch(() => {});
    await iterator.return?.();
  }
}
