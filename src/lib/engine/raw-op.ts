import { nativeBackend } from './tensorflow';
import type { OpAttribute, OutputMetadata, Tensor, TensorInfo } from './tensorflow';

/** Attribute values of a raw op by JavaScript type; what could be taken for integers is tagged. */
export type AttributeValue =
  | string
  | boolean
  | number
  | number[]
  | { float: number }
  | { shape: readonly number[] }
  | { type: ElementType | 'int32' };

/** What activations consist of: numbers of 32 bits, or their upper halves. */
export const ELEMENT_TYPES = ['float32', 'bfloat16'] as const;

export type ElementType = (typeof ELEMENT_TYPES)[number];

/** TensorFlow's number of a type that tfjs does not have. */
const TF_BFLOAT16 = 14;

function toAttribute(name: string, value: AttributeValue): OpAttribute {
  const { binding } = nativeBackend();
  if (typeof value === 'string') return { name, type: binding.TF_ATTR_STRING, value };
  if (typeof value === 'boolean') return { name, type: binding.TF_ATTR_BOOL, value };
  if (typeof value === 'number' || Array.isArray(value))
    return { name, type: binding.TF_ATTR_INT, value };
  if ('float' in value) return { name, type: binding.TF_ATTR_FLOAT, value: value.float };
  if ('shape' in value) return { name, type: binding.TF_ATTR_SHAPE, value: value.shape };
  const types = {
    float32: binding.TF_FLOAT,
    bfloat16: TF_BFLOAT16,
    int32: binding.TF_INT32,
  };
  return { name, type: binding.TF_ATTR_TYPE, value: types[value.type] };
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
  return rawOps(op, inputs, attributes, 1)[0];
}

/** Runs one TensorFlow op with several outputs. No gradient is recorded. */
export function rawOps(
  op: string,
  inputs: TensorInfo[],
  attributes: Record<string, AttributeValue>,
  outputs: number,
): Tensor[] {
  const backend = nativeBackend();
  const ids = backend.getInputTensorIds(inputs);
  return backend.binding.executeOp(op, toAttributes(attributes), ids, outputs).map(toTensor);
}

/**
 * A tensor for an op's output. One of bfloat16 calls itself float32, since tfjs knows no other name for it; its values
 * are for raw ops alone: tfjs's own ops, and reading it, end with an error about its type.
 */
function toTensor(metadata: OutputMetadata): Tensor {
  const backend = nativeBackend();
  if (metadata.dtype !== TF_BFLOAT16) return backend.createOutputTensor(metadata);
  const tensor = backend.createOutputTensor({ ...metadata, dtype: backend.binding.TF_FLOAT });
  backend.tensorMap.get(tensor.dataId).dtype = TF_BFLOAT16;
  return tensor;
}

/** What a tensor of activations really consists of. */
export function elementType({ dataId }: Pick<TensorInfo, 'dataId'>): ElementType {
  const { dtype } = nativeBackend().tensorMap.get(dataId);
  return dtype === TF_BFLOAT16 ? 'bfloat16' : 'float32';
}

/** The attribute of raw ops that work on float32 alone. */
export const FLOAT: { T: { type: ElementType } } = { T: { type: 'float32' } };

const BFLOAT: { T: { type: ElementType } } = { T: { type: 'bfloat16' } };

/** The attribute of raw ops that work on what this tensor consists of. */
export function typeOf(tensor: Pick<TensorInfo, 'dataId'>): { T: { type: ElementType } } {
  return elementType(tensor) === 'bfloat16' ? BFLOAT : FLOAT;
}

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
