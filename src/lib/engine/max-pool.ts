import { defineOp } from './define-op';
import { withEdge, withoutEdge } from './edges';
import {
  attributesBySetting,
  elementType,
  hasOneDnn,
  ONE_DNN_KERNEL,
  rawOp,
  rawOps,
} from './raw-op';
import type { ElementType } from './raw-op';
import { tf } from './tensorflow';
import type { Tensor, Tensor4D } from './tensorflow';

/** Windows of size x size, `stride` apart, on an input that is padded equally on all sides. */
export interface PoolAttributes {
  size: number;
  stride: number;
  padding: number;
}

/** `PoolAttributes`, and what is pooled. */
interface TypedAttributes extends PoolAttributes {
  type: ElementType;
}

const attributesOf = attributesBySetting(({ size, stride, padding, type }: TypedAttributes) => ({
  T: { type },
  ksize: [1, size, size, 1],
  strides: [1, stride, stride, 1],
  padding: padding === 0 ? 'VALID' : 'EXPLICIT',
  data_format: 'NHWC',
  explicit_paddings: padding === 0 ? [] : [0, 0, padding, padding, padding, padding, 0, 0],
}));

/** By TensorFlow's own kernels, whose gradient looks for the largest value of each window a second time. */
const lookingTwice = defineOp<{ x: Tensor }, PoolAttributes>({
  name: 'PaddedMaxPool',
  forward: ({ x }, attributes, save) => {
    const y = rawOp('MaxPool', [x], attributesOf({ ...attributes, type: elementType(x) }));
    save(x, y);
    return y;
  },
  backward: ([dy], [x, y], attributes) => ({
    x: () =>
      rawOp('MaxPoolGrad', [x, y, dy], attributesOf({ ...attributes, type: elementType(x) })),
  }),
});

/**
 * Max-pooling over size x size windows, padded equally on all sides (padding never wins), as PyTorch's `MaxPool2d`.
 * Where a window has its largest value more than once, the gradient goes to the first.
 *
 * @param x [batch, height, width, channels]
 */
export function maxPool(x: Tensor4D, size: number, stride: number, padding: number): Tensor4D {
  const run = hasOneDnn() ? keepingPlaces : lookingTwice;
  return run({ x }, { size, stride, padding })[0] as Tensor4D;
}

const oneDnnAttributesOf = attributesBySetting(({ size, stride, type }: TypedAttributes) => ({
  T: { type },
  ...ONE_DNN_KERNEL,
  ksize: [1, size, size, 1],
  strides: [1, stride, stride, 1],
  padding: 'VALID',
  data_format: 'NHWC',
  explicit_paddings: [],
  workspace_enabled: true,
}));

const emptyAttributesOf = attributesBySetting(({ type }: { type: ElementType }) => ({
  dtype: { type },
  init: false,
}));

/** A tensor of this shape in uninitialised memory: takes no time, and memory only where it is read. */
function unfilled(shape: number[], type: ElementType): Tensor {
  return rawOp('Empty', [tf.tensor1d(shape, 'int32')], emptyAttributesOf({ type }));
}

/**
 * Max-pooling by oneDNN, which keeps for each window where its largest value was, a byte each: its gradient takes a
 * twentieth of the time of TensorFlow's own and is the same.
 */
const keepingPlaces = defineOp<{ x: Tensor }, PoolAttributes>({
  name: 'OneDnnMaxPool',
  forward: ({ x }, attributes, save) => {
    const { padding } = attributes;
    const input = padding === 0 ? x : withEdge(x, padding, -Infinity);
    const record = oneDnnAttributesOf({ ...attributes, type: elementType(x) });
    const [y, places] = rawOps('_MklNativeMaxPool', [input], record, 2);
    if (input !== x) input.dispose();
    save(places);
    return y;
  },
  backward: ([dy], [places], attributes, { x: { shape } }) => ({
    x: () =>
      tf.tidy(() => {
        const { padding } = attributes;
        const [batch, height, width, channels] = shape as number[];
        const sides = [batch, height + 2 * padding, width + 2 * padding, channels];
        // The op asks for input and output, and looks at the input's shape alone.
        const type = elementType(dy);
        const inputs = [unfilled(sides, type), dy, dy, places];
        const record = oneDnnAttributesOf({ ...attributes, type });
        const dx = rawOp('_MklNativeMaxPoolGrad', inputs, record);
        return padding === 0 ? dx : withoutEdge(dx, padding, shape as number[]);
      }),
  }),
});
