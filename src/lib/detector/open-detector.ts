import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openImage, openImageBytes } from '../data/decode';
import { rgbOf } from '../data/image';
import { resample } from '../data/resample';
import { methodOf } from '../methods/index';
import { isStudent } from '../methods/student-teacher';
import { createOnnxDetector, openOnnxDetector } from '../onnx/onnx-detector';
import type { OnnxDetector } from '../onnx/onnx-detector';
import { exportRun } from '../runs/export-run';
import { openRun, requireDetectorRun } from '../runs/open-run';
import { RunFolder } from '../training/run-folder';
import type { Detector } from './detector';
import { fetchBytes } from './fetch-bytes';
import { isBlobLike, isRawImage, refuseInput } from './image-input';
import { rgbOfRaw } from './raw-image';
import type { DetectorSource, OpenDetectorOptions } from './source';
import { wrapDetector } from './wrap-detector';
import type { ReadImageInput } from './wrap-detector';

/** See `openDetector` in `./index`, which loads this when it is called. */
export async function open(
  source: DetectorSource,
  options: OpenDetectorOptions = {},
): Promise<Detector> {
  const { name = 'the exported detector', threads, signal } = options;
  if (source instanceof Uint8Array || source instanceof ArrayBuffer) {
    return ofOnnx(await createOnnxDetector(bytesOf(source), name, { threads }), name);
  }
  const isPath = typeof source === 'string';
  if (!isPath && source.protocol !== 'file:') {
    const bytes = await fetchBytes(source, 'an exported detector', signal);
    return ofOnnx(await createOnnxDetector(bytes, source.href, { threads }), source.href);
  }
  const file = isPath ? source : fileURLToPath(source);
  if (!statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
    return ofOnnx(await openOnnxDetector(file, { threads }), options.name ?? basename(file));
  }
  return ofRun(file, options);
}

async function ofRun(folder: string, options: OpenDetectorOptions): Promise<Detector> {
  const { threads, teacherFile, name = basename(resolve(folder)) } = options;
  const { config } = requireDetectorRun(new RunFolder(folder));
  if (typeof methodOf(config).graph !== 'string') {
    const bytes = exportRun(folder, teacherFile);
    return ofOnnx(await createOnnxDetector(bytes, folder, { threads }), name);
  }
  const { detector } = openRun(folder, teacherFile);
  return wrapDetector({ name, detector, scoreIsLargest: isStudent(config), readImage });
}

function ofOnnx(detector: OnnxDetector, name: string): Detector {
  const recipe = String(detector.metadata.config?.recipe);
  return wrapDetector({ name, detector, scoreIsLargest: isStudent({ recipe }), readImage });
}

const bytesOf = (content: Uint8Array | ArrayBuffer) =>
  content instanceof Uint8Array ? content : new Uint8Array(content);

const readImage: ReadImageInput = async (image, options) => {
  const { size, filter } = options;
  if (isRawImage(image)) {
    const raw = rgbOfRaw(image);
    const { width, height } = raw;
    const picture = size ? { ...size, data: resample(raw.data, raw, size, filter) } : raw;
    return { picture, imageSize: { width, height } };
  }
  const opened = await openInput(image);
  const { width, height } = opened;
  return { picture: await rgbOf(opened, options), imageSize: { width, height } };
};

async function openInput(image: Parameters<ReadImageInput>[0]) {
  if (typeof image === 'string') return openImage(image);
  if (image instanceof URL) {
    if (image.protocol === 'file:') return openImage(fileURLToPath(image));
    const name = image.protocol === 'data:' ? 'the image' : image.href;
    return openImageBytes(name, Buffer.from(await fetchBytes(image, 'an image')));
  }
  const name = (image as { name?: unknown } | null)?.name;
  const called = typeof name === 'string' && name !== '' ? name : 'the image';
  if (image instanceof Uint8Array) {
    return openImageBytes(called, Buffer.from(image.buffer, image.byteOffset, image.byteLength));
  }
  if (image instanceof ArrayBuffer) return openImageBytes(called, Buffer.from(image));
  if (isBlobLike(image)) return openImageBytes(called, Buffer.from(await image.arrayBuffer()));
  return refuseInput(image);
}
