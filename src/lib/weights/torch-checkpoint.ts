import { unzipSync } from 'fflate';
import { elementSize } from './element-type';
import { unpickle } from './pickle';
import { readFileBytes } from './read-file-bytes';
import type { NamedArrays } from './tensor-file';
import { TensorReader, TorchTensor, torchPickleWorld, type TorchStorage } from './torch-tensor';
import { WeightFileError } from './weight-file-error';

/*
 * What torch.save writes. Since PyTorch 1.6: a ZIP archive of uncompressed entries,
 * `NAME/data.pkl` (a pickle of the state dict with descriptions of its tensors), `NAME/data/KEY`
 * (a storage's bytes each) and `NAME/byteorder`. Before (`resnet18-5c106cde.pth`): five pickles in
 * a row (magic number, protocol, byte order, state dict, storage keys), then for each key the
 * number of elements (8 bytes) and the elements.
 */

/** Where a checkpoint keeps its state dict when it holds more than that. */
const stateDictKeys = ['state_dict', 'model_state_dict', 'model'];

/** The first pickle of a legacy file, `1950a86a20f9469cfc6c`, as its bytes. */
export const legacyMagic: Uint8Array = Uint8Array.of(
  ...[0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e],
);

const expectedContent = 'a PyTorch state dict saved by torch.save';

/**
 * Reads the tensors of a state dict saved by PyTorch (`.pth`, `.pt`; either layout) as 32-bit
 * floats, in the dict's order. The dict may also be the entry `state_dict`, `model_state_dict` or
 * `model` of a checkpoint; entries that are no tensors are left out. Strided tensors are put in
 * row-major order. No code of the file is run: a pickle that names anything but tensors and plain
 * containers is refused.
 *
 * @throws WeightFileError when the file cannot be read, is truncated, big-endian, or holds
 *   anything else
 */
export function readTorchCheckpoint(file: string): NamedArrays {
  return parseTorchCheckpoint(readFileBytes(file), file);
}

/** As `readTorchCheckpoint`, from the file's content; `file` is what errors call it. */
export function parseTorchCheckpoint(bytes: Uint8Array, file: string): NamedArrays {
  try {
    return isLegacyCheckpoint(bytes) ? parseLegacy(bytes, file) : parseArchive(bytes, file);
  } catch (error) {
    if (error instanceof WeightFileError) throw error;
    throw new WeightFileError(file, expectedContent, (error as Error).message, { cause: error });
  }
}

export function isLegacyCheckpoint(bytes: Uint8Array): boolean {
  return bytes.length >= legacyMagic.length && legacyMagic.every((byte, i) => byte === bytes[i]);
}

function parseArchive(bytes: Uint8Array, file: string): NamedArrays {
  const entries = unzipStored(bytes, file);
  const pickleName = [...entries.keys()].find((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickleName === undefined) {
    const names = [...entries.keys()].slice(0, 5).join(', ');
    throw new WeightFileError(
      file,
      'a ZIP archive of torch.save, with an entry NAME/data.pkl',
      `a ZIP archive with ${entries.size === 0 ? 'no entries' : names}`,
    );
  }
  const folder = pickleName.slice(0, -'data.pkl'.length);
  const order = entries.get(`${folder}byteorder`);
  requireLittleEndian(file, order ? Buffer.from(order).toString('latin1') : 'little');

  const storages = new Map<string, TorchStorage>();
  const { value } = unpickle(entries.get(pickleName)!, torchPickleWorld(storages));
  return readStateDict(value, file, ({ key }) => {
    const data = entries.get(`${folder}data/${key}`);
    if (!data) throw new WeightFileError(file, `an entry ${folder}data/${key}`, 'none');
    return data;
  });
}

function unzipStored(bytes: Uint8Array, file: string): Map<string, Uint8Array> {
  const seen = new Set<string>();
  try {
    const entries = unzipSync(bytes, {
      filter: ({ name, compression }) => {
        // A damaged directory may announce billions of entries, all alike.
        if (seen.has(name)) throw new Error(`entry ${JSON.stringify(name)} twice`);
        seen.add(name);
        if (compression !== 0) {
          throw new WeightFileError(
            file,
            'a ZIP archive of uncompressed entries, as torch.save writes',
            `entry ${JSON.stringify(name)} compressed (a TorchScript module?)`,
          );
        }
        return true;
      },
    });
    return new Map(Object.entries(entries));
  } catch (error) {
    if (error instanceof WeightFileError) throw error;
    throw new WeightFileError(
      file,
      'a whole ZIP archive, as torch.save writes',
      `a truncated or damaged one (${(error as Error).message})`,
      { cause: error },
    );
  }
}

function parseLegacy(bytes: Uint8Array, file: string): NamedArrays {
  const storages = new Map<string, TorchStorage>();
  const world = torchPickleWorld(storages);
  let position = legacyMagic.length;
  const next = (): unknown => {
    const result = unpickle(bytes, world, position);
    position = result.position;
    return result.value;
  };

  const protocol = next();
  if (protocol !== 1001) {
    throw new WeightFileError(file, 'version 1001 of the legacy format', String(protocol));
  }
  const system = next();
  const littleEndian = system instanceof Map ? system.get('little_endian') : undefined;
  requireLittleEndian(file, littleEndian === false ? 'big' : 'little');
  const content = next();
  const keys = next();
  if (!Array.isArray(keys)) {
    throw new WeightFileError(file, 'a list of storage keys', typeof keys);
  }

  const data = new Map<string, Uint8Array>();
  for (const key of keys.map(String)) {
    const storage = storages.get(key);
    if (!storage) throw new WeightFileError(file, 'only storages that tensors use', key);
    const start = position + 8;
    const end = start + storage.length * elementSize[storage.type];
    if (end > bytes.length) {
      throw new WeightFileError(
        file,
        `at least ${end} bytes, for storage ${key}`,
        `${bytes.length}: the file is truncated`,
      );
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const length = view.getBigInt64(position, true);
    if (length !== BigInt(storage.length)) {
      throw new WeightFileError(
        file,
        `${storage.length} elements in storage ${key}`,
        String(length),
      );
    }
    data.set(key, bytes.subarray(start, end));
    position = end;
  }
  if (position !== bytes.length) {
    throw new WeightFileError(file, `${position} bytes in all`, String(bytes.length));
  }
  return readStateDict(content, file, ({ key }) => {
    const found = data.get(key);
    if (!found) throw new WeightFileError(file, `the bytes of storage ${key}`, 'none');
    return found;
  });
}

function requireLittleEndian(file: string, order: string): void {
  if (order !== 'little') {
    throw new WeightFileError(
      file,
      'numbers in little-endian byte order',
      `${JSON.stringify(order)} (load the file and save it again with PyTorch on this machine)`,
    );
  }
}

function readStateDict(
  content: unknown,
  file: string,
  bytesOf: (storage: TorchStorage) => Uint8Array,
): NamedArrays {
  const arrays: NamedArrays = new Map();
  const reader = new TensorReader(bytesOf);
  for (const [name, tensor] of findStateDict(content)) {
    if (typeof name === 'string' && tensor instanceof TorchTensor) {
      arrays.set(name, reader.read(tensor));
    }
  }
  if (arrays.size === 0) {
    throw new WeightFileError(file, expectedContent, `no tensors by name in ${outline(content)}`);
  }
  return arrays;
}

function findStateDict(content: unknown): Map<unknown, unknown> {
  if (!(content instanceof Map)) return new Map();
  for (const key of stateDictKeys) {
    const nested: unknown = content.get(key);
    if (nested instanceof Map) return nested;
  }
  return content;
}

function outline(content: unknown): string {
  if (!(content instanceof Map)) return 'what is no dict';
  const keys = [...content.keys()].slice(0, 5).map(String);
  return keys.length === 0 ? 'an empty dict' : `a dict with ${keys.join(', ')}`;
}
