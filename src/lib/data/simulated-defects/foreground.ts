import type { ImageStack } from '../image';

/** Where each image of a stack shows the object. */
export interface Foreground {
  /** Of a texture, which fills the picture: everything is foreground. */
  isTexture: boolean;
  /** 1 on the object, 0 on the background, [count, height, width]. */
  data: Uint8Array;
}

/** The frame whose pixels say what the background looks like, as a share of the shorter side. */
const FRAME = 0.02;

/** How far from the background's colour, in grey levels, is still background in a picture without any noise. */
const LEAST_TOLERANCE = 6;

/** Where so few pixels are clearly of another colour than the frame, the whole picture is of one kind. */
const LEAST_OUTLIERS = 0.02;

/** A picture with less of the object, or with less of a background, is not taken for an object before a background. */
const LEAST_SHARE = 0.03;

/**
 * Tells the object from a uniform background, by the good images alone and each by itself, since objects may lie
 * anywhere and turned.
 *
 * The background is what is connected to the picture's frame and has the frame's colour, up to what the frame itself
 * varies by: three standard deviations, by the median, so that an object may reach the border. Where the whole picture
 * varies no more than that, there is no background. That is so in textures, and if most of the images say so, all of
 * them are foreground altogether.
 */
export function findForeground(stack: ImageStack): Foreground {
  const { count, height, width } = stack;
  const pixels = height * width;
  const data = new Uint8Array(count * pixels).fill(1);
  const frame = framePixels(stack);
  let objects = 0;
  for (let image = 0; image < count; image++) {
    const object = objectOf(stack, image, frame);
    if (!object) continue;
    data.set(object, image * pixels);
    objects++;
  }
  const isTexture = objects < count / 2;
  return { isTexture, data: isTexture ? data.fill(1) : data };
}

/** 1 on the object, or null if the picture has no background. */
function objectOf(stack: ImageStack, image: number, frame: Uint32Array): Uint8Array | null {
  const { height, width } = stack;
  const distance = distanceFromFrame(stack, image, frame);
  const inFrame = Float32Array.from(frame, (i) => distance[i]).sort();
  const deviation = 1.4826 * inFrame[inFrame.length >> 1];
  const tolerance = Math.max(LEAST_TOLERANCE, 3 * deviation);
  if (shareAbove(distance, 2 * tolerance) < LEAST_OUTLIERS) return null;

  const background = flood(distance, tolerance, frame, width, height);
  // Specks of the background that differ are no objects; the object's own edge belongs to it.
  const radius = Math.max(1, Math.round(0.006 * Math.min(width, height)));
  const object = shrink(grow(background, width, height, radius), width, height, 2 * radius);
  for (let i = 0; i < object.length; i++) object[i] = 1 - object[i];
  const share = shareAbove(object, 0);
  return share < LEAST_SHARE || share > 1 - LEAST_SHARE ? null : object;
}

function shareAbove(values: ArrayLike<number>, limit: number): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) count += +(values[i] > limit);
  return count / values.length;
}

/** The indices of the pixels at the border. */
function framePixels({ height, width }: ImageStack): Uint32Array {
  const depth = Math.max(1, Math.round(FRAME * Math.min(width, height)));
  const frame: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const toBorder = Math.min(x, y, width - 1 - x, height - 1 - y);
      if (toBorder < depth) frame.push(y * width + x);
    }
  }
  return Uint32Array.from(frame);
}

/** How far each pixel, averaged with its neighbours, is from the frame's median colour: the channel that is farthest. */
function distanceFromFrame(
  { height, width, data }: ImageStack,
  image: number,
  frame: Uint32Array,
): Float32Array {
  const pixels = height * width;
  const offset = image * pixels * 3;
  const distance = new Float32Array(pixels);
  const channel = new Float32Array(pixels);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < pixels; i++) channel[i] = data[offset + 3 * i + c];
    const smooth = boxMean(channel, width, height, 1);
    const median = Float32Array.from(frame, (i) => smooth[i]).sort()[frame.length >> 1];
    for (let i = 0; i < pixels; i++) {
      distance[i] = Math.max(distance[i], Math.abs(smooth[i] - median));
    }
  }
  return distance;
}

/** 1 for the pixels within the tolerance that are connected to the frame. */
function flood(
  distance: Float32Array,
  tolerance: number,
  frame: Uint32Array,
  width: number,
  height: number,
): Uint8Array {
  const reached = new Uint8Array(distance.length);
  const waiting = new Uint32Array(distance.length);
  let count = 0;
  const visit = (i: number) => {
    if (reached[i] === 1 || distance[i] > tolerance) return;
    reached[i] = 1;
    waiting[count++] = i;
  };
  frame.forEach(visit);
  while (count > 0) {
    const i = waiting[--count];
    const x = i % width;
    if (x > 0) visit(i - 1);
    if (x < width - 1) visit(i + 1);
    if (i >= width) visit(i - width);
    if (i < width * (height - 1)) visit(i + width);
  }
  return reached;
}

/** The mean over a square around each pixel, cut off at the border. @param radius in pixels; the side is twice as much, plus 1 */
export function boxMean(
  values: Float32Array,
  width: number,
  height: number,
  radius: number,
): Float32Array {
  const rows = new Float32Array(values.length);
  slidingMean(values, rows, height, width, width, 1, radius);
  const result = new Float32Array(values.length);
  slidingMean(rows, result, width, height, 1, width, radius);
  return result;
}

/** The mean along lines. @param step from line to line @param stride within a line */
function slidingMean(
  from: Float32Array,
  to: Float32Array,
  lines: number,
  length: number,
  step: number,
  stride: number,
  radius: number,
): void {
  for (let line = 0; line < lines; line++) {
    const begin = line * step;
    let sum = 0;
    let count = 0;
    for (let k = 0; k < Math.min(radius, length); k++, count++) sum += from[begin + k * stride];
    for (let k = 0; k < length; k++) {
      if (k + radius < length) {
        sum += from[begin + (k + radius) * stride];
        count++;
      }
      if (k - radius > 0) {
        sum -= from[begin + (k - radius - 1) * stride];
        count--;
      }
      to[begin + k * stride] = sum / count;
    }
  }
}

/** A mask grown by a square of this radius. */
function grow(mask: Uint8Array, width: number, height: number, radius: number): Uint8Array {
  return above(boxMean(new Float32Array(mask), width, height, radius), 1e-4);
}

/** A mask shrunk by a square of this radius; what lies beyond the picture's border counts as part of it. */
function shrink(mask: Uint8Array, width: number, height: number, radius: number): Uint8Array {
  return above(boxMean(new Float32Array(mask), width, height, radius), 1 - 1e-4);
}

function above(values: Float32Array, limit: number): Uint8Array {
  const mask = new Uint8Array(values.length);
  for (let i = 0; i < mask.length; i++) mask[i] = +(values[i] > limit);
  return mask;
}
