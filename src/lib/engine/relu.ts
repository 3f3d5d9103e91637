import { defineOp, share } from './define-op';
import { attributesBySetting, FLOAT, rawOp, typeOf } from './raw-op';
import type { Tensor } from './tensorflow';

const rectify = defineOp<{ x: Tensor }>({
  name: 'Rectify',
  forward: ({ x }, _, save) => {
    const y = rawOp('Relu', [x], typeOf(x));
    save(y);
    return y;
  },
  backward: ([dy], [y]) => ({ x: () => rawOp('ReluGrad', [dy, y], typeOf(y)) }),
});

/** max(x, 0), any shape. Its gradient is one op on the output; the tfjs one builds a mask on the host. */
export function relu<T extends Tensor>(x: T): T {
  return rectify({ x }, {})[0] as T;
}

const addAndRectify = defineOp<{ a: Tensor; b: Tensor }>({
  name: 'AddRectify',
  forward: ({ a, b }, _, save) => {
    const sum = rawOp('AddV2', [a, b], typeOf(a));
    const y = rawOp('Relu', [sum], typeOf(sum));
    sum.dispose();
    save(y);
    return y;
  },
  backward: ([dy], [y], _, __, useUp) => {
    const gradient = useUp(rawOp('ReluGrad', [dy, y], typeOf(y)));
    return { a: () => share(gradient), b: () => share(gradient) };
  },
});

/** max(a + b, 0), as at the end of a residual block: the sum itself is not kept. @param b of the shape of `a` */
export function addRelu<T extends Tensor>(a: T, b: T): T {
  return addAndRectify({ a, b }, {})[0] as T;
}

const leakyAttributesOf = attributesBySetting(({ slope }: { slope: number }) => ({
  ...FLOAT,
  alpha: { float: slope },
}));

const rectifyLeakily = defineOp<{ x: Tensor }, { slope: number }>({
  name: 'LeakyRectify',
  forward: ({ x }, attributes, save) => {
    const y = rawOp('LeakyRelu', [x], leakyAttributesOf(attributes));
    save(y);
    return y;
  },
  // The op looks at signs alone, which are those of x for a slope above 0.
  backward: ([dy], [y], attributes) => ({
    x: () => rawOp('LeakyReluGrad', [dy, y], leakyAttributesOf(attributes)),
  }),
});

/** x where it is positive, slope x elsewhere; any shape. @param slope above 0 */
export function leakyRelu<T extends Tensor>(x: T, slope: number): T {
  return rectifyLeakily({ x }, { slope })[0] as T;
}
