/** Feature maps of one image at one level, `[height, width, channels]`, row-major. */
export interface FeatureMaps {
  /** For example "teacher" or "student". */
  name: string;
  data: Float32Array;
  shape: readonly [height: number, width: number, channels: number];
}

/**
 * The channels to show of features of this depth.
 *
 * @param wanted the channels themselves, or how many, spread evenly
 * @param figure names the figure in an error
 * @throws RangeError for a channel that is not there
 */
export function chosenChannels(
  wanted: number | readonly number[],
  depth: number,
  figure: string,
): readonly number[] {
  if (typeof wanted === 'number') {
    const count = Math.min(wanted, depth);
    return Array.from({ length: count }, (_, i) => Math.floor((i * depth) / count));
  }
  const wrong = wanted.find((channel) => !(channel >= 0 && channel < depth));
  if (wrong !== undefined) {
    throw new RangeError(`${figure}: expected channels from 0 to ${depth - 1}, found ${wrong}`);
  }
  return wanted;
}

/** One channel as a map, `[height, width]`. */
export function channelMap(
  { data, shape }: Pick<FeatureMaps, 'data' | 'shape'>,
  channel: number,
): Float32Array {
  const [height, width, depth] = shape;
  return Float32Array.from({ length: height * width }, (_, i) => data[i * depth + channel]);
}
