import { defineOp } from './define-op';
import { FLOAT, rawOp } from './raw-op';
import type { Tensor } from './types';

const rectify = defineOp<{ x: Tensor }>({
  name: 'Rectify',
  forward: ({ x }, _, save) => {
    const y = rawOp('Relu', [x], FLOAT);
    save(y);
    return y;
  },
  backward: ([dy], [y]) => ({ x: () => rawOp('ReluGrad', [dy, y], FLOAT) }),
});

/** max(x, 0), any shape. Its gradient is one op on the output; the tfjs one builds a mask on the host. */
export function relu<T extends Tensor>(x: T): T {
  return rectify({ x }, {})[0] as T;
}
