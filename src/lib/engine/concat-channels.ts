import { defineOp } from './define-op';
import { partOf } from './edges';
import { attributesBySetting, elementType, rawOp } from './raw-op';
import type { ElementType } from './raw-op';
import { tf } from './tensorflow';
import type { Tensor, Tensor4D } from './tensorflow';

const concatAttributesOf = attributesBySetting(({ type }: { type: ElementType }) => ({
  T: { type },
  N: 2,
  Tidx: { type: 'int32' as const },
}));

const concatenate = defineOp<{ a: Tensor; b: Tensor }>({
  name: 'ConcatChannels',
  forward: ({ a, b }) =>
    tf.tidy(() => {
      const axis = tf.scalar(3, 'int32');
      return rawOp('ConcatV2', [a, b, axis], concatAttributesOf({ type: elementType(a) }));
    }),
  backward: ([dy], _, __, { a, b }) => ({
    a: () => partOf(dy, [0, 0, 0, 0], a.shape),
    b: () => partOf(dy, [0, 0, 0, a.shape[3]!], b.shape),
  }),
});

/** The channels of `a`, then those of `b`. @param b of the type of `a` and its shape but for the channels */
export function concatChannels(a: Tensor4D, b: Tensor4D): Tensor4D {
  return concatenate({ a, b }, {})[0] as Tensor4D;
}
