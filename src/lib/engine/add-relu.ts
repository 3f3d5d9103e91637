import { defineOp, share } from './define-op';
import { FLOAT, rawOp } from './raw-op';
import type { Tensor } from './types';

const addAndRectify = defineOp<{ a: Tensor; b: Tensor }>({
  name: 'AddRectify',
  forward: ({ a, b }, _, save) => {
    const sum = rawOp('AddV2', [a, b], FLOAT);
    const y = rawOp('Relu', [sum], FLOAT);
    sum.dispose();
    save(y);
    return y;
  },
  backward: ([dy], [y], _, __, useUp) => {
    const gradient = useUp(rawOp('ReluGrad', [dy, y], FLOAT));
    return { a: () => share(gradient), b: () => share(gradient) };
  },
});

/** max(a + b, 0), as at the end of a residual block: the sum itself is not kept. @param b of the shape of `a` */
export function addRelu<T extends Tensor>(a: T, b: T): T {
  return addAndRectify({ a, b }, {})[0] as T;
}
