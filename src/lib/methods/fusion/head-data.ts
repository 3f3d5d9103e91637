import type { ImageSize } from '../../metrics/scores';
import { channelOf } from '../../anomaly-map/quantile-mean';
import type { MapScale, MapStack } from '../../anomaly-map/quantile-mean';
import { tf } from '../../engine/index';
import type { Tensor4D } from '../../engine/index';
import { LEVEL_NAMES } from '../../models/resnet18';
import type { BatchSource } from '../../training/train';

/**
 * How a map's values are spread: those of 'level' maps over orders of magnitude, and the head sees their logarithm;
 * those of a 'distance', such as a memory's, within one, and the head sees them as they are.
 */
export type MapKind = 'level' | 'distance';

/** Those of the levels, and of the memory if there is one. */
export function mapKinds(maps: number): MapKind[] {
  return Array.from({ length: maps }, (_, i) => (i < LEVEL_NAMES.length ? 'level' : 'distance'));
}

/**
 * What the head sees of maps: each in units of its high quantile on good images, log(1 + m / high) of level maps and
 * m / high of distances.
 *
 * @param scales of each map, see `mapScales`
 * @param kinds of each map
 * @throws RangeError unless there are as many scales and kinds as maps
 */
export function headInput(
  maps: MapStack,
  scales: readonly MapScale[],
  kinds: readonly MapKind[],
): MapStack {
  if (scales.length !== maps.channels || kinds.length !== maps.channels) {
    throw new RangeError(
      `Expected a scale and a kind for each of ${maps.channels} maps, found ${scales.length} scales and ` +
        `${kinds.length} kinds.`,
    );
  }
  const result = { ...maps, data: new Float32Array(maps.data.length) };
  for (let image = 0; image < maps.count; image++) {
    kinds.forEach((kind, channel) => {
      const from = channelOf(maps, image, channel);
      const to = channelOf(result, image, channel);
      const { high } = scales[channel];
      for (let i = 0; i < from.length; i++) {
        const value = Math.max(0, from[i]) / high;
        to[i] = kind === 'level' ? Math.log1p(value) : value;
      }
    });
  }
  return result;
}

/**
 * A mask at the maps' resolution: defective where any of its pixels is, so that no defect is too small to be learnt.
 *
 * @param mask 0 or 1, [height, width]
 * @param size whole numbers of times as large as `coarse`
 * @throws RangeError if it is not
 */
export function coarseMask(mask: Uint8Array, size: ImageSize, coarse: ImageSize): Uint8Array {
  const [down, across] = [size.height / coarse.height, size.width / coarse.width];
  if (!Number.isInteger(down) || !Number.isInteger(across)) {
    throw new RangeError(
      `Expected a mask whose sides are multiples of ${coarse.width} x ${coarse.height}, found ` +
        `${size.width} x ${size.height}.`,
    );
  }
  const result = new Uint8Array(coarse.height * coarse.width);
  for (let y = 0; y < size.height; y++) {
    const row = Math.floor(y / down) * coarse.width;
    for (let x = 0; x < size.width; x++) {
      if (mask[y * size.width + x] === 1) result[row + Math.floor(x / across)] = 1;
    }
  }
  return result;
}

/** One batch: the maps that the head sees, and where the defects are. */
export interface FusionBatch {
  /** [b, h, w, channels] */
  maps: Tensor4D;
  /** 0 or 1, [b, h, w, 1] */
  masks: Tensor4D;
}

/** What a head is trained on, batch by batch. */
export class FusionData implements BatchSource<FusionBatch> {
  /**
   * @param input see `headInput`
   * @param masks 0 or 1, [count, height, width]
   * @throws RangeError unless there is a mask for each image
   */
  constructor(
    private readonly input: MapStack,
    private readonly masks: Uint8Array,
  ) {
    const expected = input.count * input.height * input.width;
    if (masks.length === expected) return;
    throw new RangeError(
      `Expected masks of ${expected} positions for ${input.count} images, found ${masks.length}.`,
    );
  }

  get count(): number {
    return this.input.count;
  }

  batch(indices: readonly number[]): FusionBatch & { dispose(): void } {
    const { height, width } = this.input;
    const pixels = height * width;
    const masks = new Float32Array(indices.length * pixels);
    indices.forEach((image, place) => {
      masks.set(this.masks.subarray(image * pixels, (image + 1) * pixels), place * pixels);
    });
    const batch = {
      maps: mapBatch(this.input, indices),
      masks: tf.tensor4d(masks, [indices.length, height, width, 1]),
    };
    return { ...batch, dispose: () => tf.dispose([batch.maps, batch.masks]) };
  }
}

/** The maps of some images, in this order: [indices.length, height, width, channels]. */
export function mapBatch(maps: MapStack, indices: readonly number[]): Tensor4D {
  const { channels, height, width } = maps;
  const pixels = height * width;
  const values = new Float32Array(indices.length * pixels * channels);
  indices.forEach((image, place) => {
    if (image < 0 || image >= maps.count) {
      throw new RangeError(`Expected the index of one of ${maps.count} images, found ${image}.`);
    }
    for (let channel = 0; channel < channels; channel++) {
      const map = channelOf(maps, image, channel);
      const start = place * pixels * channels + channel;
      for (let i = 0; i < pixels; i++) values[start + i * channels] = map[i];
    }
  });
  return tf.tensor4d(values, [indices.length, height, width, channels]);
}
