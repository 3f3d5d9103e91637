import { nativeBackend } from './tensorflow';
import type { OpAttribute, Tensor, TensorInfo } from './tensorflow';

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

/** Makes the attributes that belong to a setting once for each of its values, so that they are converted once. */
export function attributesBySetting<Setting extends object>(
  make: (setting: Setting) => Record<string, AttributeValue>,
): (setting: Setting) => Record<string, AttributeValue> {
  const made = new Map<string, Record<string, AttributeValue>>();
  return (setting) => {
    const key = JSON.stringify(setting);
    let attributes = made.get(key);
    if (!attributes) made.set(key, (attributes = make(setting)));
    return attributes;
  };
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
 * Whether ops that only oneDNN has can be run. TensorFlow's builds for x86 processors hold them, but its eager mode
 * uses them by itself for only a few: convolutions and matrix products. TF_ENABLE_ONEDNN_OPTS=0 turns them off, as in
 * TensorFlow.
 */
export function hasOneDnn(): boolean {
  return !nativeBackend().isUsingGpuDevice && process.env.TF_ENABLE_ONEDNN_OPTS === '1';
}

/** What an op named `_MklNative...` has among its attributes, so that its kernel is found. */
export const ONE_DNN_KERNEL: Record<string, AttributeValue> = { _kernel: 'MklNameChangeOp' };
