import * as fs from 'fs';
import * as path from 'path';
import type { ImageSize } from '../metrics/scores';
import { tf } from '../engine/index';
import type { Tensor4D } from '../engine/index';
import { removeAbandoned, temporaryBeside } from '../files/atomic-write';
import { LEVEL_CHANNELS, LEVEL_NAMES, LEVEL_STRIDES } from '../models/resnet18';
import type { FeaturePyramid } from '../models/resnet18';

/** Features of images, kept while training goes on. They are added in the order of the images. */
export interface FeatureStore {
  /** Memory that the features take while training goes on. */
  readonly memoryBytes: number;
  /** Adds the features of the next images. The tensors remain the caller's. */
  add(pyramid: FeaturePyramid): void;
  /** New tensors with the features of these images, in this order. */
  gather(indices: readonly number[]): FeaturePyramid;
  dispose(): void;
}

/** [height, width, channels] of each level's features of one image. */
export type LevelShape = [height: number, width: number, channels: number];

/**
 * The shapes of the levels of images of this size, whose sides are multiples of 16.
 *
 * @param packed so many channels are one number
 */
export function levelShapes({ height, width }: ImageSize, packed = 1): LevelShape[] {
  return LEVEL_CHANNELS.map((channels, level) => [
    height / LEVEL_STRIDES[level],
    width / LEVEL_STRIDES[level],
    channels / packed,
  ]);
}

/** float32. */
const VALUE_BYTES = 4;

/** Bytes of one level of one image. */
const levelBytes = ([height, width, channels]: LevelShape) =>
  height * width * channels * VALUE_BYTES;

/** Bytes of all levels of one image: 1.8 MB at 256 x 256. */
export function pyramidBytes(shapes: LevelShape[]): number {
  return shapes.reduce((sum, shape) => sum + levelBytes(shape), 0);
}

/** Features in memory, a tensor for each image and level: joined into one, they would exist twice for a while. */
export class MemoryFeatures implements FeatureStore {
  private readonly levels = LEVEL_NAMES.map((): Tensor4D[] => []);

  constructor(readonly memoryBytes: number) {}

  add(pyramid: FeaturePyramid): void {
    pyramid.forEach((features, level) =>
      this.levels[level].push(...tf.split<Tensor4D>(features, features.shape[0])),
    );
  }

  gather(indices: readonly number[]): FeaturePyramid {
    return this.levels.map((images) =>
      tf.concat(
        indices.map((index) => {
          if (images[index]) return images[index];
          throw new RangeError(
            `Expected the index of one of ${images.length} images, found ${index}.`,
          );
        }),
      ),
    ) as FeaturePyramid;
  }

  dispose(): void {
    tf.dispose(this.levels);
  }
}

/**
 * Features in a file, read batch by batch: they take no memory but what the system can spare for its own cache of the
 * file. The file has no name from the moment it is open, so that it is gone when the process ends.
 */
export class FileFeatures implements FeatureStore {
  readonly memoryBytes = 0;
  private readonly file: number;
  /** Where each level begins in an image's record, and the length of a record, in bytes. */
  private readonly offsets: number[];
  private readonly recordBytes: number;
  private count = 0;

  /**
   * @param shapes of the levels of one image
   * @param folder where the file is made
   * @param count images that will be added
   * @throws Error when the disk has no room for them, or the folder cannot be written to
   */
  constructor(
    private readonly shapes: LevelShape[],
    private readonly folder: string,
    count: number,
  ) {
    let bytes = 0;
    this.offsets = shapes.map((shape) => {
      const offset = bytes;
      bytes += levelBytes(shape);
      return offset;
    });
    this.recordBytes = bytes;
    requireRoom(folder, bytes * count);
    // Without a name from its first moment on, or its rest is found by the next one.
    const name = path.join(folder, 'teacher-features');
    removeAbandoned(name);
    const temporary = temporaryBeside(name);
    this.file = fs.openSync(temporary, 'wx+');
    fs.unlinkSync(temporary);
  }

  add(pyramid: FeaturePyramid): void {
    const [images] = pyramid[0].shape;
    pyramid.forEach((features, level) => {
      const values = features.dataSync<'float32'>();
      const length = values.length / images;
      for (let i = 0; i < images; i++) {
        const part = values.subarray(i * length, (i + 1) * length);
        this.write(part, this.position(this.count + i, level));
      }
    });
    this.count += images;
  }

  gather(indices: readonly number[]): FeaturePyramid {
    return this.shapes.map((shape, level) => {
      const length = levelBytes(shape) / VALUE_BYTES;
      const values = new Float32Array(indices.length * length);
      indices.forEach((index, i) => {
        if (index < 0 || index >= this.count) {
          throw new RangeError(
            `Expected the index of one of ${this.count} images, found ${index}.`,
          );
        }
        const part = values.subarray(i * length, (i + 1) * length);
        readAll(this.file, part, this.position(index, level));
      });
      return tf.tensor4d(values, [indices.length, ...shape]) as Tensor4D;
    }) as FeaturePyramid;
  }

  dispose(): void {
    fs.closeSync(this.file);
  }

  private write(values: Float32Array, position: number): void {
    try {
      writeAll(this.file, values, position);
    } catch (cause) {
      const why = (cause as Error).message;
      throw new Error(`${this.folder}: the teacher's features could not be written: ${why}`, {
        cause,
      });
    }
  }

  private position(image: number, level: number): number {
    return image * this.recordBytes + this.offsets[level];
  }
}

function requireRoom(folder: string, needed: number): void {
  const { bavail, bsize } = fs.statfsSync(folder);
  if (bavail * bsize >= needed) return;
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  throw new Error(
    `${folder}: expected ${gigabytes(needed)} of free disk space for the teacher's features, found ` +
      `${gigabytes(bavail * bsize)}.`,
  );
}

function writeAll(file: number, values: Float32Array, position: number): void {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  for (let done = 0; done < bytes.length;) {
    done += fs.writeSync(file, bytes, done, bytes.length - done, position + done);
  }
}

function readAll(file: number, values: Float32Array, position: number): void {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  for (let done = 0; done < bytes.length;) {
    const read = fs.readSync(file, bytes, done, bytes.length - done, position + done);
    if (read === 0) throw new Error("The file of the teacher's features was cut short.");
    done += read;
  }
}
