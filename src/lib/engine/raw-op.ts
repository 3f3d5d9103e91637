import { nativeBackend, tf } from './tensorflow';
import type { OpAttribute } from './tensorflow';

import type { TensorInfo } from './types';
import type { Tensor } from './types';

/** Attribute values of a raw op by JavaScript type; what could be taken for integers is tagged. */
export type AttributeValue =
  | string
  | boolean
  | number
  | number[]
  | { float: number }
  | { shape: readonly number[] }
  | { type: 'float32' | 'int32' };

function toAttribute(name: string, value: AttributeValue): OpAttribute {
  const { binding } = nativeBackend();
  if (typeof value === 'string') return { name, type: binding.TF_ATTR_STRING, value };
  if (typeof value === 'boolean') return { name, type: binding.TF_ATTR_BOOL, value };
  if (typeof value === 'number' || Array.isArray(value))
    return { name, type: binding.TF_ATTR_INT, value };
  if ('float' in value) return { name, type: binding.TF_ATTR_FLOAT, value: value.float };
  if ('shape' in value) return { name, type: binding.TF_ATTR_SHAPE, value: value.shape };
  return {
    name,
    type: binding.TF_ATTR_TYPE,
    value: value.type === 'float32' ? binding.TF_FLOAT : binding.TF_INT32,
  };
}

// Attributes repeat from step to step with few distinct values; a record is converted once.
const converted = new WeakMap<Record<string, AttributeValue>, OpAttribute[]>();

function toAttributes(attributes: Record<string, AttributeValue>): OpAttribute[] {
  let list = converted.get(attributes);
  if (!list) {
    list = Object.entries(attributes).map(([name, value]) => toAttribute(name, value));
    converted.set(attributes, list);
  }
  return list;
}

/** Runs one TensorFlow op with one output, outside tfjs's own kernels. No gradient is recorded. */
export function rawOp(
  op: string,
  inputs: TensorInfo[],
  attributes: Record<string, AttributeValue>,
): Tensor {
  return nativeBackend().executeSingleOutput(op, toAttributes(attributes), inputs);
}

/** Runs one TensorFlow op with several outputs. No gradient is recorded. */
export function rawOps(
  op: string,
  inputs: TensorInfo[],
  attributes: Record<string, AttributeValue>,
  outputs: number,
): Tensor[] {
  return nativeBackend().executeMultipleOutputs(op, toAttributes(attributes), inputs, outputs);
}

/** Every raw op here works on float32. */
export const FLOAT: { T: { type: 'float32' } } = { T: { type: 'float32' } };

/**
 * Makes a differentiable op of a forward and a backward function.
 *
 * Unlike `tf.customGrad`, the gradient of each input is a function of its own, which tfjs calls only for the
 * inputs that need it: the gradient with respect to the input images or to frozen weights is never computed.
 */
export function defineOp<
  Inputs extends Record<string, Tensor>,
  Attributes extends object,
>(definition: {
  name: string;
  forward(inputs: Inputs, attributes: Attributes): Tensor | Tensor[];
  /** Names of inputs, and flags of outputs, that the gradient needs. */
  save?: { inputs?: (keyof Inputs & string)[]; outputs?: boolean[] };
  backward(
    dy: Tensor | Tensor[],
    saved: Tensor[],
    attributes: Attributes,
  ): { [K in keyof Inputs]?: () => Tensor };
}): (inputs: Inputs, attributes: Attributes) => Tensor[] {
  // A module that is loaded twice in one process (a notebook's re-import) defines its ops anew.
  if (tf.getKernel(definition.name, 'tensorflow'))
    tf.unregisterKernel(definition.name, 'tensorflow');
  if (tf.getGradient(definition.name)) tf.unregisterGradient(definition.name);
  tf.registerKernel({
    kernelName: definition.name,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, attrs }) =>
      definition.forward(inputs as unknown as Inputs, attrs as unknown as Attributes),
  });
  tf.registerGradient({
    kernelName: definition.name,
    inputsToSave: definition.save?.inputs ?? [],
    outputsToSave: definition.save?.outputs ?? [],
    gradFunc: (dy, saved, attrs) =>
      definition.backward(dy, saved, attrs as unknown as Attributes) as Record<
        string,
        () => Tensor
      >,
  });
  return (inputs, attributes) => {
    const result = tf
      .engine()
      .runKernel(definition.name, inputs as never, attributes as never) as unknown as
      Tensor | Tensor[];
    return Array.isArray(result) ? result : [result];
  };
}
