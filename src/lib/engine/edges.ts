import { converted } from './precision';
import { attributesBySetting, elementType, rawOp } from './raw-op';
import type { ElementType } from './raw-op';
import { tf } from './tensorflow';
import type { Tensor } from './tensorflow';

const padAttributesOf = attributesBySetting(({ type }: { type: ElementType }) => ({
  T: { type },
  Tpaddings: { type: 'int32' as const },
}));

const sliceAttributesOf = attributesBySetting(({ type }: { type: ElementType }) => ({
  T: { type },
  Index: { type: 'int32' as const },
}));

/** A new tensor: x with an edge of this value on all four sides. No gradient. @param x [b, h, w, c] */
export function withEdge(x: Tensor, edge: number, value = 0): Tensor {
  const type = elementType(x);
  return tf.tidy(() => {
    const none = [0, 0];
    const sides = [edge, edge];
    const paddings = tf.tensor2d([none, sides, sides, none], [4, 2], 'int32');
    const filling = converted(tf.scalar(value), type);
    return rawOp('PadV2', [x, paddings, filling], padAttributesOf({ type }));
  });
}

/** A new tensor: x without an edge on all four sides. No gradient. @param shape of what remains */
export function withoutEdge(x: Tensor, edge: number, shape: readonly number[]): Tensor {
  return partOf(x, [0, edge, edge, 0], shape);
}

/** A new tensor: the part of x of this shape that begins there. No gradient. */
export function partOf(x: Tensor, begin: number[], shape: readonly number[]): Tensor {
  return tf.tidy(() => {
    const sides = [begin, shape as number[]].map((each) => tf.tensor1d(each, 'int32'));
    return rawOp('Slice', [x, ...sides], sliceAttributesOf({ type: elementType(x) }));
  });
}
