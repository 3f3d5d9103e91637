import { readFileBytes, quoteName, WeightFileError } from '../named-arrays';
import type { NamedArrays } from '../named-arrays';
import { TorchArchive } from './archive';
import { unpickle } from './pickle';
import { TensorReader, TorchTensor, torchPickleWorld } from './tensor';

/*
 * What torch.save writes since PyTorch 1.6: a ZIP archive of uncompressed entries, `NAME/data.pkl`
 * (a pickle of the state dict with descriptions of its tensors), `NAME/data/KEY` (a storage's bytes
 * each) and `NAME/byteorder`.
 */

/** Where a checkpoint keeps its state dict when it holds more than that. */
const stateDictKeys = ['state_dict', 'model_state_dict', 'model'];

/** How files from before 1.6 begin: a pickle of the number `1950a86a20f9469cfc6c`. */
const legacyMagic = Uint8Array.of(
  ...[0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e],
);

const expectedContent = 'a PyTorch state dict saved by torch.save';

/**
 * Reads the tensors of a state dict saved by PyTorch 1.6 or later (`.pth`, `.pt`) as 32-bit floats,
 * in the dict's order. The dict may also be the entry `state_dict`, `model_state_dict` or `model`
 * of a checkpoint; entries that are not tensors are left out. Strided tensors are put in row-major
 * order; others are views on one buffer where they need no conversion. No code of the file is run:
 * a pickle that names anything but tensors and plain containers is refused.
 *
 * @throws WeightFileError when the file cannot be read, is damaged (its checksums are compared),
 *   truncated, big-endian, of an older format, or holds anything else
 */
export function readTorchCheckpoint(file: string): NamedArrays {
  return parseTorchCheckpoint(readFileBytes(file), file);
}

/** As `readTorchCheckpoint`, from the file's content; `file` is what errors call it. */
export function parseTorchCheckpoint(bytes: Uint8Array, file: string): NamedArrays {
  if (isLegacyCheckpoint(bytes)) {
    throw new WeightFileError(
      file,
      'a PyTorch checkpoint in the ZIP format (PyTorch 1.6 or later)',
      'the older format (load the file in PyTorch and torch.save the state dict again)',
    );
  }
  try {
    return readStateDict(new TorchArchive(bytes, file), file);
  } catch (error) {
    if (error instanceof WeightFileError) throw error;
    throw new WeightFileError(file, expectedContent, (error as Error).message, { cause: error });
  }
}

export function isLegacyCheckpoint(bytes: Uint8Array): boolean {
  return bytes.length >= legacyMagic.length && legacyMagic.every((byte, i) => byte === bytes[i]);
}

function readStateDict(archive: TorchArchive, file: string): NamedArrays {
  const pickleName = archive.names.find((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickleName === undefined) {
    throw new WeightFileError(
      file,
      'a ZIP archive of torch.save, with an entry NAME/data.pkl',
      `a ZIP archive with ${listNames(archive.names) || 'no entries'}`,
    );
  }
  const folder = pickleName.slice(0, -'data.pkl'.length);
  const order = Buffer.from(archive.read(`${folder}byteorder`) ?? 'little').toString('latin1');
  if (order !== 'little') {
    throw new WeightFileError(
      file,
      'numbers in little-endian byte order',
      `${quoteName(order)} (load the file and save it again with PyTorch on this machine)`,
    );
  }
  const content = unpickle(archive.read(pickleName)!, torchPickleWorld());
  const reader = new TensorReader(({ key }) => {
    const data = archive.read(`${folder}data/${key}`);
    if (data) return data;
    throw new WeightFileError(file, `an entry ${quoteName(`${folder}data/${key}`)}`, 'none');
  });
  const arrays: NamedArrays = new Map();
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
  if (!(content instanceof Map)) return 'something that is not a dict';
  if (content.size === 0) return 'an empty dict';
  const names = [...content.keys()].filter((key): key is string => typeof key === 'string');
  return `a dict with ${listNames(names) || 'keys that are not names'}`;
}

/** The first few of them. */
function listNames(names: string[]): string {
  return names.slice(0, 5).map(quoteName).join(', ');
}
