import { elementSize, toFloat32, type ElementType } from '../element-type';
import { formatShape, quoteName } from '../named-arrays';
import type { NamedArray } from '../named-arrays';
import { PickleError, type PickleWorld } from './pickle';

/*
 * What a pickle of torch.save says about its tensors. A tensor is a window on a storage, which
 * lies outside the pickle and may be shared; both stay descriptions until the storages' bytes
 * are at hand.
 */

/** A row of elements of one type: `torch.FloatStorage` and its kin. */
class TorchStorage {
  constructor(
    readonly key: string,
    readonly type: ElementType,
    /** Elements, not bytes. */
    readonly length: number,
  ) {}
}

/** A tensor: element `(i, j, ...)` is at `offset + i * strides[0] + j * strides[1] + ...`. */
export class TorchTensor {
  constructor(
    readonly storage: TorchStorage,
    readonly offset: number,
    readonly shape: number[],
    readonly strides: number[],
  ) {}
}

const storageTypes: Readonly<Record<string, ElementType>> = {
  DoubleStorage: 'F64',
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
};

/** Stands for `torch.FloatStorage` and its kin, which pickles only mention. */
class StorageClass {
  constructor(readonly type: ElementType) {}
}

/** Attributes of a training run that files carry along; their value does not matter here. */
const ignored = (): null => null;

/** Every name of Python that is understood, with what it means here. Nothing else is. */
const globals: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ...Object.entries(storageTypes).map(
    ([name, type]) => [`torch.${name}`, new StorageClass(type)] as const,
  ),
  ['collections.OrderedDict', orderedDict],
  ['torch._utils._rebuild_tensor_v2', rebuildTensor],
  ['torch._utils._rebuild_parameter', rebuildParameter],
  ['torch.Size', ([sizes]: unknown[]) => sizes],
  ['torch.device', ignored],
]);

/** The names and storages of a file of torch.save. */
export function torchPickleWorld(): PickleWorld {
  const storages = new Map<string, TorchStorage>();
  return {
    findGlobal(module, name) {
      const meaning = globals.get(`${module}.${name}`);
      if (meaning === undefined) {
        throw new PickleError(
          `a reference to Python's ${quoteName(`${module}.${name}`)}, which no plain state ` +
            'dict needs: refused, nothing was run (save model.state_dict() alone)',
        );
      }
      return meaning;
    },
    persistentLoad(id) {
      const [kind, storageClass, key, , length, view] = Array.isArray(id) ? id : [];
      if (
        kind !== 'storage' ||
        !(storageClass instanceof StorageClass) ||
        (typeof key !== 'string' && typeof key !== 'number') ||
        !isSize(length) ||
        (view ?? null) !== null
      ) {
        throw new PickleError(
          'a persistent id that is not a plain storage (a whole pickled model?)',
        );
      }
      const known = storages.get(String(key));
      if (known) {
        if (known.type !== storageClass.type || known.length !== length) {
          throw new PickleError(`two descriptions of storage ${quoteName(known.key)}`);
        }
        return known;
      }
      const storage = new TorchStorage(String(key), storageClass.type, length);
      storages.set(storage.key, storage);
      return storage;
    },
  };
}

/** Python 3 makes an empty one and then sets its items. */
function orderedDict(args: unknown[]): Map<unknown, unknown> {
  if (args.length > 0) throw new PickleError('an OrderedDict made from another value');
  return new Map();
}

/** PyTorch's own limit in most of its operations. */
const maxDimensions = 64;

function rebuildTensor([storage, offset, shape, strides]: unknown[]): TorchTensor {
  if (
    !(storage instanceof TorchStorage) ||
    !isSize(offset) ||
    !isSizes(shape) ||
    !isSizes(strides) ||
    shape.length !== strides.length
  ) {
    throw new PickleError('a tensor without a storage, offset, shape and strides');
  }
  if (!shape.includes(0)) {
    const last = shape.reduce((sum, size, i) => sum + (size - 1) * strides[i], offset);
    if (last >= storage.length) {
      throw new PickleError(
        `a tensor of shape ${formatShape(shape)} that reaches element ${last} of a storage of ` +
          `${storage.length}`,
      );
    }
  }
  if (!Number.isSafeInteger(countElements(shape))) {
    throw new PickleError(
      `a tensor of shape ${formatShape(shape)}, with too many elements to count`,
    );
  }
  // Copies, since the pickle may go on to change its lists.
  return new TorchTensor(storage, offset, [...shape], [...strides]);
}

function countElements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function rebuildParameter([tensor]: unknown[]): TorchTensor {
  if (!(tensor instanceof TorchTensor)) throw new PickleError('a parameter without a tensor');
  return tensor;
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= maxDimensions && value.every(isSize);
}

/**
 * Tensors may repeat elements of their storages, as tied weights or by `expand`, and each is
 * written out in full. So all of them together may have this many elements for each element stored
 * (a layer that a network uses more often than that is rare), and some more for small storages.
 */
const maxUses = 16;
const maxRepeatedElements = 2 ** 20;

/**
 * Makes arrays of tensors, given the bytes of the storages. Arrays never share elements, even when
 * the tensors did (tied weights). A tensor that fills its storage in order is taken without a copy
 * where the bytes are 32-bit floats and aligned.
 */
export class TensorReader {
  private readonly converted = new Map<TorchStorage, Float32Array>();
  private readonly handedOut = new Set<TorchStorage>();
  /** Elements of the storages, and of the arrays made of them, so far. */
  private stored = 0;
  private written = 0;

  /** @param bytesOf the bytes of a storage, little-endian; exactly as many as it needs */
  constructor(private readonly bytesOf: (storage: TorchStorage) => Uint8Array) {}

  read({ storage, offset, shape, strides }: TorchTensor): NamedArray {
    const elements = this.elementsOf(storage);
    const count = countElements(shape);
    this.written += count;
    if (this.written > maxUses * this.stored + maxRepeatedElements) {
      throw new PickleError(
        `a tensor of shape ${formatShape(shape)} on a storage of ${elements.length} elements: ` +
          `${this.written} elements in all so far, made of ${this.stored}`,
      );
    }
    if (isContiguous(shape, strides)) {
      const whole = count === elements.length && !this.handedOut.has(storage);
      if (whole) this.handedOut.add(storage);
      return { shape, data: whole ? elements : elements.slice(offset, offset + count) };
    }
    return { shape, data: gather(elements, offset, shape, strides, count) };
  }

  private elementsOf(storage: TorchStorage): Float32Array {
    let elements = this.converted.get(storage);
    if (!elements) {
      const bytes = this.bytesOf(storage);
      const needed = storage.length * elementSize[storage.type];
      if (bytes.length !== needed) {
        throw new PickleError(
          `${bytes.length} bytes in storage ${quoteName(storage.key)} where ${storage.length} elements of ` +
            `${storage.type} take ${needed}`,
        );
      }
      elements = toFloat32(bytes, storage.type);
      this.stored += elements.length;
      this.converted.set(storage, elements);
    }
    return elements;
  }
}

function isContiguous(shape: number[], strides: number[]): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] === 0) return true;
    if (shape[axis] !== 1 && strides[axis] !== step) return false;
    step *= shape[axis];
  }
  return true;
}

/** The elements in row-major order. */
function gather(
  elements: Float32Array,
  offset: number,
  shape: number[],
  strides: number[],
  count: number,
): Float32Array {
  const data = new Float32Array(count);
  // From the innermost outwards. Axes of size 1 change nothing but the time.
  const axes = [...shape.keys()].filter((axis) => shape[axis] !== 1).reverse();
  const index = new Array<number>(shape.length).fill(0);
  let source = offset;
  for (let i = 0; i < count; i++) {
    data[i] = elements[source];
    for (const axis of axes) {
      source += strides[axis];
      if (++index[axis] < shape[axis]) break;
      source -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return data;
}
