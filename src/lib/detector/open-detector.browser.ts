// In the npm package this stands in for `open-detector.ts` where the package runs in a browser.
import { ImageFileError } from '../files/file-error';
import type { RgbImage } from '../data/image';
import { resample } from '../data/resample';
import { createOnnxDetector } from '../onnx/onnx-detector';
import type { Detector } from './detector';
import { fetchBytes } from './fetch-bytes';
import { ImageInputError, isBlobLike, isRawImage, refuseInput } from './image-input';
import type { BlobLike, ImageInput } from './image-input';
import { rgbOfRaw } from './raw-image';
import type { DetectorSource, OpenDetectorOptions } from './source';
import { wrapDetector } from './wrap-detector';
import type { ReadImageInput } from './wrap-detector';

/** What is used of the browser's own types, which the lab's other files are compiled without. */
interface Bitmap {
  width: number;
  height: number;
  close(): void;
}
declare function createImageBitmap(image: Blob, options: object): Promise<Bitmap>;
declare class OffscreenCanvas {
  constructor(width: number, height: number);
  getContext(
    kind: '2d',
    options: object,
  ): {
    drawImage(image: Bitmap, x: number, y: number): void;
    getImageData(
      x: number,
      y: number,
      width: number,
      height: number,
    ): { width: number; height: number; data: Uint8ClampedArray };
  };
}

/** See `openDetector` in `./index`, which loads this when it is called. */
export async function open(
  source: DetectorSource,
  options: OpenDetectorOptions = {},
): Promise<Detector> {
  const { threads, signal } = options;
  const isAddress = typeof source === 'string' || source instanceof URL;
  const name = options.name ?? (isAddress ? String(source) : 'the exported detector');
  const content = isAddress ? await fetchBytes(source, 'an exported detector', signal) : source;
  const bytes = content instanceof Uint8Array ? content : new Uint8Array(content);
  const detector = await createOnnxDetector(bytes, name, { threads });
  const recipe = detector.metadata.config?.recipe;
  const scoreIsLargest = recipe === 'baseline' || recipe === 'joint';
  return wrapDetector({ name, detector, scoreIsLargest, readImage });
}

const readImage: ReadImageInput = async (image, { size, filter, valueRange }) => {
  if (valueRange && !isRawImage(image)) {
    throw new ImageInputError(
      'Expected raw pixels: this detector is of images with more than 8 bits a channel, which a browser does not decode.',
    );
  }
  const rgb = isRawImage(image) ? rgbOfRaw(image) : await decodeImage(image);
  const { width, height } = rgb;
  const picture = size ? { ...size, data: resample(rgb.data, rgb, size, filter) } : rgb;
  return { picture, imageSize: { width, height } };
};

/**
 * The browser's own decoder. A canvas keeps the colours of opaque pixels alone, so others are refused.
 *
 * @throws ImageFileError, ImageInputError
 */
async function decodeImage(image: Exclude<ImageInput, { width: number }>): Promise<RgbImage> {
  const { name, blob } = await toBlob(image);
  let bitmap: Bitmap;
  try {
    bitmap = await createImageBitmap(blob, {
      colorSpaceConversion: 'none',
      premultiplyAlpha: 'none',
      imageOrientation: 'from-image',
    });
  } catch (cause) {
    throw new ImageFileError(name, 'an image that the browser decodes', (cause as Error).message, {
      cause,
    });
  }
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const pixels = context.getImageData(0, 0, width, height);
  for (let i = 3; i < pixels.data.length; i += 4) {
    if (pixels.data[i] < 255) {
      throw new ImageInputError(
        `${name}: expected an opaque image, found transparent pixels, whose colours a browser does not keep. ` +
          'Give raw pixels { data, width, height }.',
      );
    }
  }
  return rgbOfRaw(pixels);
}

async function toBlob(image: unknown): Promise<{ name: string; blob: Blob }> {
  const own = (image as { name?: unknown } | null)?.name;
  const name = typeof own === 'string' && own !== '' ? own : 'the image';
  if (typeof image === 'string' || image instanceof URL) {
    const address = String(image);
    const called = address.startsWith('data:') ? name : address;
    return { name: called, blob: new Blob([await fetchBytes(address, 'an image')]) };
  }
  if (image instanceof Uint8Array || image instanceof ArrayBuffer) {
    return { name, blob: new Blob([image]) };
  }
  if (isBlobLike(image)) return { name, blob: new Blob([await (image as BlobLike).arrayBuffer()]) };
  return refuseInput(image);
}
