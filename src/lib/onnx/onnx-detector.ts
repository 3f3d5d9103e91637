import { withinRegion } from '../anomaly-map/detection';
import type { Detection } from '../anomaly-map/detection';
import type { AnomalyDetector, DetectImages } from '../anomaly-map/detect';
import { imageScore } from '../anomaly-map/map-values';
import type { ImageSize } from '../metrics/scores';
import type { ImageStack } from '../data/image';
import { MAX_MODEL_BYTES } from '../files/limits';
import { MissingPackageError } from '../files/optional-package';
import { readRegularFile } from '../files/read-file';
import { sizeOf } from '../models/side-or-size';
import { OnnxFileError, readDetectorMetadata } from './metadata';
import type { DetectorMetadata } from './metadata';
import { VALUE_NAMES } from './detector-graph';
import { openSession } from './runtime';
import type { OnnxInput, OnnxSession, SessionOptions } from './runtime';

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
  const bytes = await readRegularFile(file, MAX_MODEL_BYTES, (found, cause) => {
    throw new OnnxFileError(file, 'an exported detector', found, { cause });
  });
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
  try {
    requireDetectorGraph(session, metadata, name);
  } catch (error) {
    await session.dispose();
    throw error;
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
    detect: detectWith(session, metadata, name),
    dispose: () => session.dispose(),
  };
}

/** The graph and what the file says of it belong together: else it would fail at the first picture, in other words. */
function requireDetectorGraph(
  { inputs, outputs }: OnnxSession,
  metadata: DetectorMetadata,
  file: string,
): void {
  const size = sizeOf(metadata.imageSize);
  const misfit = sidesFault(metadata, size);
  if (misfit) throw new OnnxFileError(file, ...misfit);
  const expected = ['batch', size.height, size.width, 3];
  const [input] = inputs;
  const fits =
    inputs.length === 1 &&
    input.name === VALUE_NAMES.images &&
    input.type === 'uint8' &&
    input.shape?.length === expected.length &&
    input.shape.every((side, i) => typeof side === 'string' || side < 0 || side === expected[i]);
  if (!fits) {
    const inWords = ({ name, type, shape = [] }: OnnxInput) =>
      `${type} ${name} [${shape.join(', ')}]`;
    throw new OnnxFileError(
      file,
      `a graph that takes uint8 ${VALUE_NAMES.images} [${expected.join(', ')}]`,
      inputs.map(inWords).join('; ') || 'one that takes nothing',
    );
  }
  if (outputs.includes(VALUE_NAMES.score)) return;
  throw new OnnxFileError(file, `a graph that gives "${VALUE_NAMES.score}"`, outputs.join(', '));
}

function detectWith(session: OnnxSession, metadata: DetectorMetadata, file: string): DetectImages {
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
      const names = [VALUE_NAMES.score, ...mapNames];
      const values = await session.run(images, names).catch((cause: Error) => {
        const expected = `a graph that judges pictures of ${width} x ${height}`;
        throw new OnnxFileError(file, expected, cause.message, { cause });
      });
      const misfit = names.findIndex(
        (_, i) => values[i]?.length !== batch.length * (i === 0 ? 1 : pixels),
      );
      if (misfit >= 0) {
        const expected = `a graph that gives ${misfit === 0 ? 'one value' : `${pixels} values`} a picture as "${names[misfit]}"`;
        throw new OnnxFileError(file, expected, `${values[misfit]?.length} of ${batch.length}`);
      }
      const [scores, ...maps] = values;
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

function checkSides(metadata: DetectorMetadata, size: ImageSize) {
  const [expected, found] = sidesFault(metadata, size) ?? [];
  if (expected !== undefined) throw new RangeError(`Expected ${expected}, found ${found}.`);
}

/** Null: none. */
function sidesFault(
  { sideMultiple, margin }: DetectorMetadata,
  { height, width }: ImageSize,
): [expected: string, found: string] | null {
  const fits = (side: number) => side > 0 && (side + 2 * margin) % sideMultiple === 0;
  if (fits(height) && fits(width)) return null;
  const withMargin = margin > 0 ? `, with a margin of ${margin},` : '';
  return [
    `images whose sides${withMargin} are multiples of ${sideMultiple}`,
    `${height} x ${width}`,
  ];
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
