import { resnet18Shapes } from '../../src/lib/models/resnet18';
import type { NamedArrays } from '../../src/lib/weights/named-arrays';
import { mixedIntegers } from '../metrics/mixed-integers';

/** Of each stream; longer than the largest array of the backbone. */
export const STREAM_LENGTH = 2 ** 20;

/** offset + scale * [-1, 1): the same numbers as test/fixtures/models/fill.py makes for this stream. */
export function fill(
  shape: readonly number[],
  stream: number,
  scale = 1,
  offset = 0,
): Float32Array {
  const count = shape.reduce((product, size) => product * size, 1);
  const integers = mixedIntegers(count, stream * STREAM_LENGTH);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = (integers[i] / 2 ** 31 - 1) * scale + offset;
  return values;
}

/** Values for all arrays of the backbone, one stream an array, from `stream` on. */
export function backboneArrays(stream: number): NamedArrays {
  const values = (name: string, shape: number[], own: number) => {
    if (shape.length === 4) {
      return fill(shape, own, Math.sqrt(6 / (shape[0] * shape[2] * shape[3])));
    }
    if (name.endsWith('running_var')) return fill(shape, own, 0.5, 1);
    return fill(shape, own, 0.25, name.endsWith('weight') ? 1 : 0);
  };
  return new Map(
    [...resnet18Shapes()].map(([name, shape], i) => [
      name,
      { shape, data: values(name, shape, stream + i) },
    ]),
  );
}
