import { FileError } from '../files/file-error';
import { MAX_MODEL_BYTES } from '../files/limits';
import { readRegularFileSync } from '../files/read-file';

/**
 * One array of a weight file, in PyTorch's layout as stored: a convolution's weight is
 * `[out, in, height, width]`, row-major. Whatever the file's own element type was, the values are
 * 32-bit floats here.
 */
export interface NamedArray {
  shape: number[];
  /** As long as the product of `shape` (1 for a scalar, whose shape is empty). */
  data: Float32Array;
}

/** The arrays of a weight file by name (`layer1.0.conv1.weight`), in the file's order. */
export type NamedArrays = Map<string, NamedArray>;

/** A name from a file, for a message: quoted, and cut where it is longer than a line. */
export function quoteName(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}...` : name);
}

/** A shape from a file, for a message; of an absurd one only the first sizes. */
export function formatShape(shape: readonly number[]): string {
  const sizes = shape.slice(0, 8).join(', ');
  return shape.length > 8 ? `[${sizes}, ... ${shape.length} in all]` : `[${sizes}]`;
}

/** A weight file that cannot be used: names the file, what was expected of it and what was found. */
export class WeightFileError extends FileError {
  override name = 'WeightFileError';
}

/**
 * A file's content.
 *
 * @throws WeightFileError naming the file when it is missing, no regular file, larger than the limit, or not to be read
 */
export function readFileBytes(file: string): Buffer {
  return readRegularFileSync(file, MAX_MODEL_BYTES, (found, cause) => {
    throw new WeightFileError(file, 'a readable weight file', found, { cause });
  });
}

/** @returns -1 where all are finite */
function indexOfNotFinite(data: Float32Array): number {
  // A loop: `findIndex` would call a function for each of millions of weights.
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return i;
  return -1;
}

/** What training frameworks put before every name, alone or one after the other. */
const wrappers = ['module', 'model', 'backbone', 'encoder', 'net', 'network', '_orig_mod'];

/** Networks are wrapped once or twice; a name with a thousand wrappers is not an honest one. */
const maxWrappers = 4;

/**
 * The arrays that a network needs from a weight file, in the network's order; extra arrays in the
 * file (layer4, fc, num_batches_tracked) are left out.
 *
 * A prefix that all names share because the network was wrapped when it was saved (`module.` of
 * DataParallel, `model.`, `backbone.`, `encoder.`, `net.`, `network.`, `_orig_mod.`, or several
 * such as `module.backbone.`) is taken off: of the prefixes found in the file, the one with which
 * most names fit.
 *
 * @param file what errors call the file
 * @param expected shapes by name
 * @throws WeightFileError that names the keys that are missing, with similar ones that the file
 *   has; or the first array of another shape, or one with values that are not finite
 */
export function requireArrays(
  file: string,
  arrays: NamedArrays,
  expected: ReadonlyMap<string, readonly number[]>,
): NamedArrays {
  const prefix = findPrefix(file, arrays, expected);
  const missing = [...expected.keys()].filter((name) => !arrays.has(prefix + name));
  if (missing.length > 0) {
    const unused = [...arrays].filter(
      ([name]) => !(name.startsWith(prefix) && expected.has(name.slice(prefix.length))),
    );
    const listed = missing.slice(0, 5).map((name) => {
      const shape = expected.get(name)!;
      const similar = findSimilar(name, shape, unused);
      return (
        `${quoteName(prefix + name)} ${formatShape(shape)}` +
        (similar ? ` (similar: ${similar})` : '')
      );
    });
    if (missing.length > listed.length) listed.push(`${missing.length - listed.length} more`);
    throw new WeightFileError(
      file,
      `${expected.size} arrays by name`,
      `${expected.size - missing.length} of them; missing: ${listed.join(', ')}`,
    );
  }
  const result: NamedArrays = new Map();
  for (const [name, shape] of expected) {
    const array = arrays.get(prefix + name)!;
    if (shape.length !== array.shape.length || shape.some((size, i) => size !== array.shape[i])) {
      throw new WeightFileError(
        file,
        `${quoteName(prefix + name)} of shape ${formatShape(shape)}`,
        formatShape(array.shape),
      );
    }
    const fault = indexOfNotFinite(array.data);
    if (fault >= 0) {
      throw new WeightFileError(
        file,
        `finite numbers in ${quoteName(prefix + name)}`,
        `${array.data[fault]} at index ${fault}`,
      );
    }
    result.set(name, array);
  }
  return result;
}

function findPrefix(
  file: string,
  arrays: NamedArrays,
  expected: ReadonlyMap<string, unknown>,
): string {
  const candidates = new Set(['']);
  for (const name of arrays.keys()) {
    const parts = name.split('.');
    let depth = 0;
    const limit = Math.min(parts.length - 1, maxWrappers);
    while (depth < limit && wrappers.includes(parts[depth])) {
      candidates.add(`${parts.slice(0, ++depth).join('.')}.`);
    }
  }
  const names = [...expected.keys()];
  const ranked = [...candidates]
    .map((prefix) => ({ prefix, fits: names.filter((name) => arrays.has(prefix + name)).length }))
    .sort((a, b) => b.fits - a.fits);
  const [best, second] = ranked;
  if (best.fits > 0 && second?.fits === best.fits && best.prefix !== '') {
    throw new WeightFileError(
      file,
      'one network',
      `two that fit equally well, under ${quoteName(best.prefix)} and ${quoteName(second.prefix)}`,
    );
  }
  return best.fits > 0 ? best.prefix : '';
}

/** Up to two names that end alike or whose arrays have the wanted shape, the likeliest first. */
function findSimilar(
  name: string,
  shape: readonly number[],
  unused: [string, NamedArray][],
): string {
  const parts = name.split('.');
  return unused
    .map(([found, array]) => {
      const sameEnd = commonEnd(parts, found.split('.'));
      const sameShape = formatShape(array.shape) === formatShape(shape) ? 1 : 0;
      return {
        text: `${quoteName(found)} ${formatShape(array.shape)}`,
        sameEnd,
        likeness: sameEnd + sameShape,
      };
    })
    .filter(({ sameEnd, likeness }) => sameEnd > 0 && likeness > 1)
    .sort((a, b) => b.likeness - a.likeness)
    .slice(0, 2)
    .map(({ text }) => text)
    .join(', ');
}

function commonEnd(a: string[], b: string[]): number {
  let length = 0;
  while (length < Math.min(a.length, b.length) && a.at(-1 - length) === b.at(-1 - length)) length++;
  return length;
}

/** How far a model moved. */
export interface WeightChange {
  /** How many numbers were compared. */
  count: number;
  /** The share of them that are not bit for bit what they were. */
  changedShare: number;
  /** Length of the difference over the length of the weights before: 0 where nothing changed. */
  relativeDistance: number;
}

/**
 * Compares two states of a model, e.g. before and after training.
 *
 * @param before decides what is compared: every array of it
 * @param after may hold more
 * @throws Error that names an array which is missing in `after` or has another size
 */
export function weightChange(before: NamedArrays, after: NamedArrays): WeightChange {
  let [count, changed, squaredDistance, squaredLength] = [0, 0, 0, 0];
  for (const [name, { data }] of before) {
    const now = after.get(name)?.data;
    if (now?.length !== data.length) {
      throw new Error(
        `"${name}": expected ${data.length} values after, found ${now ? now.length : 'none'}.`,
      );
    }
    count += data.length;
    for (let i = 0; i < data.length; i++) {
      if (!Object.is(data[i], now[i])) changed++;
      squaredDistance += (now[i] - data[i]) ** 2;
      squaredLength += data[i] ** 2;
    }
  }
  return {
    count,
    changedShare: count === 0 ? 0 : changed / count,
    relativeDistance: squaredDistance === 0 ? 0 : Math.sqrt(squaredDistance / squaredLength),
  };
}
