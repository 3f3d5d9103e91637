import * as fs from 'fs';
import { withinRegion } from '../anomaly-map/detection';
import type { Detection } from '../anomaly-map/detection';
import type { AnomalyDetector, DetectImages } from '../anomaly-map/detect';
import { imageScore } from '../anomaly-map/map-values';
import type { ImageSize } from '../metrics/scores';
import type { ImageStack } from '../data/image';
import { MissingPackageError } from '../files/optional-package';
import { OnnxFileError, readDetectorMetadata } from './metadata';
import type { DetectorMetadata } from './metadata';
import { VALUE_NAMES } from './detector-graph';
import { openSession } from './runtime';
import type { OnnxSession, SessionOptions } from './runtime';

/** An exported detector, run by ONNX Runtime: the same results as with TensorFlow, up to rounding. */
export interface OnnxDetector extends AnomalyDetector {
  readonly metadata: DetectorMetadata;
  dispose(): Promise<void>;
}

/**
 * @param file a file that `stfpm export` wrote
 * @throws OnnxFileError when it is not there or cannot be used
 */
export async function openOnnxDetector(
  file: string,
  options: SessionOptions = {},
): Promise<OnnxDetector> {
  let bytes: Uint8Array;
  try {
    bytes = fs.readFileSync(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const found = code === 'ENOENT' ? 'no such file' : (cause as Error).message;
    throw new OnnxFileError(file, 'an exported detector', found, { cause });
  }
  return createOnnxDetector(bytes, file, options);
}

/**
 * A detector from what `exportDetector` gives.
 *
 * @param name what errors call it
 * @throws OnnxFileError
 */
export async function createOnnxDetector(
  bytes: Uint8Array,
  name = 'the exported detector',
  options: SessionOptions = {},
): Promise<OnnxDetector> {
  const metadata = readDetectorMetadata(bytes, name);
  let session: OnnxSession;
  try {
    session = await openSession(bytes, options);
  } catch (cause) {
    if (cause instanceof MissingPackageError) throw cause;
    const found = (cause as Error).message;
    throw new OnnxFileError(name, 'a graph that ONNX Runtime can run', found, { cause });
  }
  const { imageSize, fit, tileOverlap, resizeFilter, valueRange } = metadata;
  const { roi, productResolution, threshold } = metadata;
  return {
    imageSize,
    fit,
    tileOverlap,
    resizeFilter,
    valueRange,
    roi,
    productResolution,
    threshold,
    metadata,
    detect: detectWith(session, metadata),
    dispose: () => session.dispose(),
  };
}

function detectWith(session: OnnxSession, metadata: DetectorMetadata): DetectImages {
  return async (stack, options = {}, indices = everyIndex(stack)) => {
    const { batchSize = 8, signal, onProgress } = options;
    const { height, width } = stack;
    checkSides(metadata, stack);
    const pixels = height * width;
    const has = (name: string) => session.outputs.includes(name);
    const levelNames = options.levelMaps ? VALUE_NAMES.levels.filter(has) : [];
    const mapNames = has(VALUE_NAMES.map) ? [VALUE_NAMES.map, ...levelNames] : [];
    const detections: Detection[] = [];
    for (let start = 0; start < indices.length; start += batchSize) {
      signal?.throwIfAborted();
      const batch = indices.slice(start, start + batchSize);
      const images = {
        name: VALUE_NAMES.images,
        data: pixelsOf(stack, batch),
        shape: [batch.length, height, width, 3] as const,
      };
      const [scores, ...maps] = await session.run(images, [VALUE_NAMES.score, ...mapNames]);
      batch.forEach((image, i) => {
        const [map = null, ...levelMaps] = maps.map((values) =>
          values.slice(i * pixels, (i + 1) * pixels),
        );
        // A maximum does not always pass a NaN on.
        const isBroken = map !== null && Number.isNaN(imageScore(map));
        const detection = { score: isBroken ? NaN : scores[i], map, levelMaps };
        detections.push(withinRegion(detection, stack, image));
      });
      onProgress?.(detections.length, indices.length);
      await new Promise(setImmediate);
    }
    return detections;
  };
}

const everyIndex = ({ count }: ImageStack) => Array.from({ length: count }, (_, i) => i);

function checkSides({ sideMultiple, margin }: DetectorMetadata, { height, width }: ImageSize) {
  const fits = (side: number) => side > 0 && (side + 2 * margin) % sideMultiple === 0;
  if (fits(height) && fits(width)) return;
  const withMargin = margin > 0 ? `, with a margin of ${margin},` : '';
  throw new RangeError(
    `Expected images whose sides${withMargin} are multiples of ${sideMultiple}, found ${height} x ${width}.`,
  );
}

/** The images of a stack one after the other: uint8 [indices.length, height, width, 3]. */
function pixelsOf({ count, height, width, data }: ImageStack, indices: readonly number[]) {
  const length = height * width * 3;
  const pixels = new Uint8Array(indices.length * length);
  indices.forEach((index, position) => {
    if (index < 0 || index >= count) {
      throw new RangeError(`Expected the index of one of ${count} images, found ${index}.`);
    }
    pixels.set(data.subarray(index * length, (index + 1) * length), position * length);
  });
  return pixels;
}
