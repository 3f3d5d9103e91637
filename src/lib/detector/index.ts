/** A detector that another program opens and uses; its parts are loaded when one is opened. */
import type { Detector } from './detector';
import type { DetectorSource, OpenDetectorOptions } from './source';

export type {
  AnomalyMap,
  DefectMask,
  DefectRegion,
  DetectImageOptions,
  DetectionResult,
  DetectManyOptions,
  Detector,
  ManyResult,
  Region,
} from './detector';
export { ImageInputError } from './image-input';
export type { BlobLike, ImageInput, RawImage } from './image-input';
export type { DetectorSource, OpenDetectorOptions } from './source';

/**
 * Opens a detector, with its size, resize filter and threshold, to judge images with. ONNX Runtime computes it; a run of
 * a method that cannot be an ONNX file is computed by the training engine.
 *
 * @param source a run folder, or a file that `stfpm export` wrote, as a path, a URL or bytes
 * @throws FileError (OnnxFileError, for one) that names the file, what was expected of it and what was found;
 *   MissingPackageError with the command that installs what is missing
 *
 * @example
 * const detector = await openDetector('bottle.onnx');
 * const { score, isDefective, map } = await detector.detect('photo.png');
 * await detector.dispose();
 */
export async function openDetector(
  source: DetectorSource,
  options?: OpenDetectorOptions,
): Promise<Detector> {
  // Awaited, so that the package's build can make it an import() of its own module.
  const { open } = (await require('./open-detector')) as typeof import('./open-detector');
  return open(source, options);
}
