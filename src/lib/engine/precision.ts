import { readSystemFile } from '../files/read-file';
import { defineOp, share } from './define-op';
import { attributesBySetting, elementType, rawOp, typeOf } from './raw-op';
import type { ElementType } from './raw-op';
import { tf } from './tensorflow';
import type { Tensor, Tensor4D } from './tensorflow';

/*
 * Half the bits. bfloat16 is the upper half of a float32: its range, 8 bits of its digits. Processors that multiply it
 * add up in float32, and do so twice as fast. tfjs has no such type; so activations are brought into it, go from one of
 * the engine's ops to the next, and are brought back before anything else looks at them.
 *
 * Convolutions, batch norms, rectifiers and poolings compute with what their input consists of. Parameters, their
 * gradients and a batch's statistics are float32 in either case.
 */

const attributesOf = attributesBySetting(
  ({ from, to }: { from: ElementType; to: ElementType }) => ({
    SrcT: { type: from },
    DstT: { type: to },
    Truncate: false,
  }),
);

/** A new tensor with the values of `x`, rounded to the nearest that this type has; no gradient is recorded. */
export function converted<T extends Tensor>(x: T, to: ElementType): T {
  const from = elementType(x);
  return from === to ? share(x) : (rawOp('Cast', [x], attributesOf({ from, to })) as T);
}

/** The same in float32, in place of `x`. */
export function widened<T extends Tensor>(x: T): T {
  if (elementType(x) === 'float32') return x;
  const wide = converted(x, 'float32');
  x.dispose();
  return wide;
}

const convert = defineOp<{ x: Tensor }, { from: ElementType; to: ElementType }>({
  name: 'ConvertActivations',
  forward: ({ x }, { to }) => converted(x, to),
  backward: ([dy], _, { from }) => ({ x: () => converted(dy, from) }),
});

/**
 * Activations as numbers of this type, which what follows computes with; `x` itself where it is one already.
 *
 * Of 'bfloat16', only the ops of the engine that work on activations can make use of them, and `convertActivations`
 * brings them back.
 */
export function convertActivations<T extends Tensor>(x: T, to: ElementType): T {
  const from = elementType(x);
  return from === to ? x : (convert({ x }, { from, to })[0] as T);
}

const split = defineOp<{ x: Tensor }>({
  name: 'Fork',
  forward: ({ x }) => [share(x), share(x)],
  backward: ([a, b]) => ({ x: () => rawOp('AddV2', [a, b], typeOf(a)) }),
});

/**
 * Twice the same activations, for two that go on from them and whose gradients both come back. tfjs adds up the
 * gradients of a tensor that is used more than once by itself, but in float32 alone.
 */
export function fork<T extends Tensor>(x: T): [T, T] {
  return elementType(x) === 'float32' ? [x, x] : (split({ x }, {}) as [T, T]);
}

const reshapeAttributesOf = attributesBySetting(({ type }: { type: ElementType }) => ({
  T: { type },
  Tshape: { type: 'int32' as const },
}));

const bitcastAttributesOf = attributesBySetting(
  ({ from, to }: { from: ElementType; to: ElementType }) => ({
    T: { type: from },
    type: { type: to },
  }),
);

/**
 * The values as bfloat16, two of them in each number of the result, which is for keeping alone: it can be copied, split
 * and joined like any tensor of float32, and means nothing to arithmetic. No gradient.
 *
 * @param x [..., channels], an even number of them
 * @returns [..., channels / 2]
 */
export function packHalves(x: Tensor4D): Tensor4D {
  const channels = x.shape[3];
  if (channels % 2 !== 0)
    throw new RangeError(`Expected an even number of channels, found ${channels}.`);
  return tf.tidy(() => {
    const pairs = tf.tensor1d([...x.shape.slice(0, 3), channels / 2, 2], 'int32');
    const halves = rawOp(
      'Reshape',
      [converted(x, 'bfloat16'), pairs],
      reshapeAttributesOf({ type: 'bfloat16' }),
    );
    return rawOp('Bitcast', [halves], bitcastAttributesOf({ from: 'bfloat16', to: 'float32' }));
  }) as Tensor4D;
}

/** What `packHalves` packed, as float32. @param x [..., channels / 2] */
export function unpackHalves(x: Tensor4D): Tensor4D {
  return tf.tidy(() => {
    const halves = rawOp('Bitcast', [x], bitcastAttributesOf({ from: 'float32', to: 'bfloat16' }));
    const shape = tf.tensor1d([...x.shape.slice(0, 3), 2 * x.shape[3]], 'int32');
    const low = rawOp('Reshape', [halves, shape], reshapeAttributesOf({ type: 'bfloat16' }));
    return converted(low, 'float32');
  }) as Tensor4D;
}

/** Features of an x86 processor that multiplies bfloat16 faster than float32, as Linux calls them. */
const FAST = ['avx512_bf16', 'amx_bf16'];

/**
 * Whether this machine's processor multiplies bfloat16 by instructions of its own. Others can do so too, but take longer
 * than for float32.
 *
 * @param description of the processor as in Linux's /proc/cpuinfo. Default: this machine's, empty where there is none
 */
export function hasFastBfloat16(
  description: string = readSystemFile('/proc/cpuinfo') ?? '',
): boolean {
  const [, flags = ''] = /^flags\s*:(.*)$/m.exec(description) ?? [];
  const has = new Set(flags.trim().split(/\s+/));
  return FAST.some((flag) => has.has(flag));
}
