import type { MapStack } from '../../anomaly-map/quantile-mean';
import type { ImageStack } from '../../data/image';
import { defectSimulator } from '../../data/simulated-defects/simulate-defects';
import type { SimulationOptions } from '../../data/simulated-defects/simulate-defects';
import { coarseMask } from './head-data';
import type { MapSource } from './map-source';

/** Maps of images with made-up defects, and where the defects are. */
export interface MadeUpMaps {
  maps: MapStack;
  /** 0 or 1 at the maps' resolution, [count, height, width]; all 0 for the third of the images that stay good. */
  masks: Uint8Array;
}

/** Images that are made, and whose maps are computed, together. */
const BATCH = 8;

/**
 * Draws defects onto good images and computes the maps of these. Yields to the event loop between batches.
 *
 * @param count of images to make; the good ones take turns
 * @throws the signal's reason
 */
export async function madeUpMaps(
  source: MapSource,
  good: ImageStack,
  {
    count,
    signal,
    onProgress,
    ...simulation
  }: SimulationOptions & {
    count: number;
    signal?: AbortSignal;
    onProgress?: (done: number, total: number) => void;
  },
): Promise<MadeUpMaps> {
  const { height, width } = good;
  const simulate = defectSimulator(good, simulation);
  let all: MadeUpMaps | undefined;
  for (let start = 0; start < count; start += BATCH) {
    signal?.throwIfAborted();
    const length = Math.min(BATCH, count - start);
    const made = Array.from({ length }, (_, i) => simulate(start + i));
    const data = new Uint8Array(length * height * width * 3);
    made.forEach(({ image }, i) => data.set(image.data, i * height * width * 3));
    const batch = source.maps(
      { count: length, height, width, data },
      made.map((_, i) => i),
    );
    const pixels = batch.height * batch.width;
    const perImage = batch.channels * pixels;
    all ??= {
      maps: { ...batch, count, data: new Float32Array(count * perImage) },
      masks: new Uint8Array(count * pixels),
    };
    all.maps.data.set(batch.data, start * perImage);
    for (const [i, { mask }] of made.entries()) {
      all.masks.set(coarseMask(mask.data, good, batch), (start + i) * pixels);
    }
    onProgress?.(start + length, count);
    await new Promise(setImmediate);
  }
  if (all) return all;
  throw new RangeError(`Expected a number of images to make, found ${count}.`);
}
