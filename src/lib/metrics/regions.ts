import { stackedImages, UndefinedMetricError } from './scores';
import type { ImageSize } from './scores';

/**
 * The connected components of a stack of masks, found image by image and numbered consecutively.
 *
 * @param labels 0 (normal) or 1 (defect) for each pixel, [images, height, width]
 * @throws RangeError if the pixels do not make a whole number of images
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

/** How much each pixel counts on the PRO curve. */
export interface RegionWeights {
  /** Defect-free pixels. */
  normalPixels: number;
  /** The share of the mean overlap that one pixel of region k contributes; 0 for the background at 0. */
  weights: Float64Array;
}

/**
 * @param leftOut defect-free pixels that do not count
 * @throws UndefinedMetricError unless there are both defect and defect-free pixels
 */
export function regionWeights({ sizes }: Components, leftOut = 0): RegionWeights {
  const regionCount = sizes.length - 1;
  const normalPixels = sizes[0] - leftOut;
  if (regionCount === 0 || normalPixels === 0) {
    throw new UndefinedMetricError(
      `The PRO curve needs defect and defect-free pixels, found ${regionCount} defect regions and ` +
        `${normalPixels} defect-free pixels.`,
    );
  }
  const weights = Float64Array.from(sizes, (size) => 1 / size / regionCount);
  weights[0] = 0;
  return { normalPixels, weights };
}

/** The connected components of a mask. */
export interface Components {
  /** For each pixel 0 (background) or its component, numbered from 1 in the order of first pixels. */
  labels: Uint32Array;
  /** Pixels of component k at index k; of the background at index 0. */
  sizes: Uint32Array;
}

/**
 * Finds the components of a mask's non-zero pixels, where a pixel is connected to all its 8
 * neighbours, by union-find over the rows (Rosenfeld and Pfaltz, 1966).
 *
 * @param mask row-major, height * width pixels
 * @throws RangeError if the mask has another length
 */
export function connectedComponents(mask: Uint8Array, { height, width }: ImageSize): Components {
  if (mask.length !== height * width) {
    throw new RangeError(
      `Expected a mask of ${width} x ${height} = ${height * width} pixels, found ${mask.length}.`,
    );
  }
  const labels = new Uint32Array(mask.length);
  // parents[k] <= k, so that a component's root is its smallest provisional label: the first met.
  const parents = [0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (mask[i] === 0) continue;
      const hasLeft = x > 0;
      const hasRight = x < width - 1;
      const west = hasLeft ? labels[i - 1] : 0;
      const northWest = hasLeft && y > 0 ? labels[i - width - 1] : 0;
      const north = y > 0 ? labels[i - width] : 0;
      const northEast = hasRight && y > 0 ? labels[i - width + 1] : 0;
      // The other pairs of these neighbours touch each other and were joined before.
      let label = north || northWest || west;
      if (northEast !== 0 && north === 0) label = join(parents, label, northEast);
      if (label === 0) label = parents.push(parents.length) - 1;
      labels[i] = label;
    }
  }
  return renumber(labels, parents);
}

/** The joint root of two labels, either of which may be 0 for none. */
function join(parents: number[], a: number, b: number): number {
  const rootA = find(parents, a);
  const rootB = find(parents, b);
  if (rootA === 0 || rootB === 0) return rootA + rootB;
  const root = Math.min(rootA, rootB);
  parents[rootA] = root;
  parents[rootB] = root;
  return root;
}

function find(parents: number[], label: number): number {
  let root = label;
  while (parents[root] !== root) {
    parents[root] = parents[parents[root]];
    root = parents[root];
  }
  return root;
}

function renumber(labels: Uint32Array, parents: number[]): Components {
  const final = new Uint32Array(parents.length);
  let count = 0;
  for (let k = 1; k < parents.length; k++) {
    final[k] = parents[k] === k ? ++count : final[find(parents, k)];
  }
  const sizes = new Uint32Array(count + 1);
  for (let i = 0; i < labels.length; i++) {
    labels[i] = final[labels[i]];
    sizes[labels[i]]++;
  }
  return { labels, sizes };
}
