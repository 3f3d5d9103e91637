import { connectedComponents } from './connected-components';
import type { Components } from './connected-components';
import { stackedImages } from './image-stack-size';
import type { ImageSize } from './image-stack-size';

/**
 * The connected components of a stack of masks, found image by image and numbered through.
 *
 * @param labels 0 (normal) or 1 (defect) for each pixel, [images, height, width]
 * @throws RangeError if the pixels are no whole number of images
 */
export function defectRegions(labels: Uint8Array, size: ImageSize): Components {
  const images = stackedImages(labels.length, size);
  const pixels = size.height * size.width;
  const regions = new Uint32Array(labels.length);
  const sizes = [0];
  for (let image = 0; image < images; image++) {
    const offset = image * pixels;
    const mask = labels.subarray(offset, offset + pixels);
    if (!mask.includes(1)) {
      sizes[0] += pixels;
      continue;
    }
    const components = connectedComponents(mask, size);
    const before = sizes.length - 1;
    sizes[0] += components.sizes[0];
    components.sizes.subarray(1).forEach((pixelCount) => sizes.push(pixelCount));
    for (let i = 0; i < pixels; i++) {
      const label = components.labels[i];
      if (label !== 0) regions[offset + i] = before + label;
    }
  }
  return { labels: regions, sizes: Uint32Array.from(sizes) };
}
