// The variables of the cells as a panel of variables lists them. Looking at them changes nothing: no getter, no method of
// a value and no trap of a proxy is called.
import { types } from 'node:util';
import { describeArray } from './describe-arrays.mjs';
import { executeResult } from './execute-result.mjs';
import { pngOf } from './grey-picture.mjs';

/** Of a text so many characters are listed, of an object so many members, of a list so many items. */
const [textLength, memberCount, itemCount] = [200, 6, 200];
/** Of more numbers the range is not looked for. */
const rangeCount = 4_000_000;

/**
 * A variable as the Debug Adapter Protocol has it.
 * @typedef {object} Variable
 * @property {string} name
 * @property {string} [type] left out where the value says it: JupyterLab's panel shows a type in the place of a value
 * @property {string} value
 * @property {string} [evaluateName]
 * @property {number} variablesReference by which its members are asked for; 0 where it has none
 */

export class Variables {
  /** @type {object[]} what was listed and not forgotten since; its reference is its place, from 1 */
  #listed = [];

  /**
   * @param {Record<string | symbol, unknown>} values of all variables, by name
   * @param {() => [name: string, type: string][]} types of the variables, as TypeScript sees them
   */
  constructor(values, types) {
    this.values = values;
    this.types = types;
  }

  /** What was listed is asked for no more. */
  forget() {
    this.#listed = [];
  }

  /** @returns {Variable[]} all, with their types as TypeScript sees them */
  list() {
    const typeOf = new Map(this.types());
    return Object.keys(this.values)
      .filter((name) => !name.startsWith('tsLastExpr'))
      .map((name) => {
        const value = this.values[name];
        const { type: own, ...rest } = this.describe(name, value);
        const type = own === undefined ? {} : { type: shortened(typeOf.get(name) ?? own) };
        return { ...rest, ...type, evaluateName: name };
      });
  }

  /**
   * @param {number} reference of a variable or member
   * @returns {Variable[]} its members
   * @throws {RangeError} where nothing of that reference was listed
   */
  members(reference) {
    return membersOf(this.#listedOne(reference)).map(([name, member]) =>
      'get' in member
        ? { name, type: 'getter', value: '(a getter, not called)', variablesReference: 0 }
        : this.describe(name, member.value),
    );
  }

  /**
   * @param {number} reference of a variable or member
   * @param {string} name of its member
   * @param {unknown} value
   * @returns {Variable} the member, with that value
   * @throws {TypeError} where it has none of the name, or keeps what it has
   */
  assign(reference, name, value) {
    const owner = this.#listedOne(reference);
    const index = Number(name);
    const member = Object.getOwnPropertyDescriptor(owner, name);
    if (types.isMap(owner) || types.isSet(owner) || member === undefined || !member.writable) {
      throw new TypeError(`${JSON.stringify(name)} of ${typeName(owner)} cannot be set.`);
    }
    if (types.isTypedArray(owner)) owner[index] = /** @type {never} */ (value);
    else Object.defineProperty(owner, name, { ...member, value });
    return this.describe(name, Object.getOwnPropertyDescriptor(owner, name)?.value);
  }

  /**
   * @param {number} reference
   * @returns {object}
   * @throws {RangeError} where nothing of that reference was listed
   */
  #listedOne(reference) {
    const value = this.#listed[reference - 1];
    if (value !== undefined) return value;
    throw new RangeError(`There is no value of the reference ${reference}: list the variables.`);
  }

  /**
   * @param {string} name
   * @returns {Promise<{ data: Record<string, unknown>, metadata: Record<string, unknown> }>} as it is shown as a cell's
   *   last value; a tensor with a picture
   * @throws {RangeError} where there is no such variable
   */
  async show(name) {
    if (!Object.hasOwn(this.values, name)) {
      throw new RangeError(`There is no variable ${JSON.stringify(name)}.`);
    }
    const value = this.values[name];
    const { data, metadata } = await executeResult(value);
    const { picture } = this.look(value);
    if (picture === null) return { data, metadata };
    const text = `${data['text/plain']}\n${picture.caption}`;
    return { data: { 'image/png': await pngOf(picture), 'text/plain': text }, metadata };
  }

  /**
   * @param {unknown} value
   * @returns {{ text: string, picture: import('./grey-picture.mjs').GreyPicture | null }} at once, without asking the value
   *   how it is shown
   */
  look(value) {
    return { text: inOneLine(value, 1), picture: isTensor(value) ? pictureOf(value) : null };
  }

  /**
   * @param {string} name
   * @param {unknown} value
   * @returns {Variable}
   */
  describe(name, value) {
    const hasMembers =
      typeof value === 'object' && value !== null && !types.isProxy(value) && !isTensor(value);
    const variablesReference =
      hasMembers && membersOf(value).length > 0 ? this.#listed.push(value) : 0;
    const type = saysItsType(value) ? {} : { type: typeName(value) };
    return { name, ...type, value: inOneLine(value, 1), variablesReference };
  }
}

/** @param {unknown} value @returns {boolean} whether it is listed with its type, or has one that anybody sees */
function saysItsType(value) {
  if (typeof value === 'function') return false;
  return (
    typeof value !== 'object' || value === null || isTensor(value) || types.isTypedArray(value)
  );
}

/**
 * @param {object} value
 * @returns {[name: string, member: { value: unknown } | { get: unknown }][]}
 */
function membersOf(value) {
  if (types.isMap(value)) {
    const entries = firstOf(Map.prototype.entries.call(value));
    return entries.map(([key, item]) => [inOneLine(key, 0), { value: item }]);
  }
  if (types.isSet(value)) {
    const items = firstOf(Set.prototype.values.call(value));
    return items.map((item, i) => [`${i}`, { value: item }]);
  }
  if (types.isTypedArray(value)) {
    const items = /** @type {Iterable<number | bigint>} */ (value.values());
    return firstOf(items).map((item, i) => [`${i}`, { value: item }]);
  }
  const keys = Array.isArray(value)
    ? Array.from({ length: Math.min(value.length, itemCount) }, (_, i) => `${i}`)
    : Object.keys(value).slice(0, itemCount);
  return keys.flatMap((key) => {
    const member = Object.getOwnPropertyDescriptor(value, key);
    if (member === undefined) return [];
    const entry = 'value' in member ? { value: member.value } : { get: member.get };
    return [/** @type {[string, typeof entry]} */ ([key, entry])];
  });
}

/**
 * @template T
 * @param {Iterable<T>} items
 * @returns {T[]}
 */
function firstOf(items) {
  const found = [];
  for (const item of items) {
    if (found.length === itemCount) break;
    found.push(item);
  }
  return found;
}

/**
 * @param {unknown} value
 * @param {number} depth how deep its members are described
 * @returns {string} one line
 */
function inOneLine(value, depth) {
  if (typeof value === 'string') return shortened(JSON.stringify(value));
  if (typeof value === 'bigint') return shortened(`${value}n`);
  if (typeof value === 'function') return typeName(value);
  if (typeof value !== 'object' || value === null) {
    return Object.is(value, -0) ? '-0' : String(value);
  }
  const name = typeName(value);
  if (types.isProxy(value)) return name;
  if (isTensor(value) || types.isTypedArray(value)) return describeNumbers(value);
  if (types.isDate(value)) return shortened(dateText(value));
  if (types.isRegExp(value)) return shortened(RegExp.prototype.toString.call(value));
  if (types.isNativeError(value)) {
    const message = Object.getOwnPropertyDescriptor(value, 'message')?.value;
    return shortened(typeof message === 'string' ? `${name}: ${message}` : name);
  }
  const size = sizeOf(value);
  const head = size === null ? name : `${name}(${size})`;
  if (depth === 0) return size === 0 ? `${head} []` : `${head} …`;
  const members = membersOf(value);
  const isList = Array.isArray(value) || types.isSet(value);
  const inner = members.slice(0, memberCount).map(([key, member]) => {
    const text = 'get' in member ? '(getter)' : inOneLine(member.value, depth - 1);
    return isList ? text : `${key}: ${text}`;
  });
  if ((size ?? members.length) > inner.length) inner.push('…');
  const text = inner.join(', ');
  return shortened(
    isList ? `${head} [${text}]` : text === '' ? `${head} {}` : `${head} { ${text} }`,
  );
}

/** @param {Date} date */
function dateText(date) {
  const time = Date.prototype.getTime.call(date);
  return Number.isNaN(time) ? 'Invalid Date' : new Date(time).toISOString();
}

/** @param {object} value a tensor or typed array */
function describeNumbers(value) {
  const tensor = /** @type {{ shape: number[], dtype: string }} */ (value);
  const count = types.isTypedArray(value) ? value.length : product(tensor.shape);
  if (count > rangeCount) {
    return types.isTypedArray(value)
      ? `${typeName(value)} [${count}]`
      : `Tensor ${tensor.dtype} [${tensor.shape.join(', ')}]`;
  }
  return shortened((describeArray(value) ?? typeName(value)).replace('\n', ' '));
}

/**
 * @param {object} value
 * @returns {number | null} of a collection
 */
function sizeOf(value) {
  if (Array.isArray(value)) return value.length;
  const owner = types.isMap(value) ? Map : types.isSet(value) ? Set : null;
  if (owner === null) return null;
  return Object.getOwnPropertyDescriptor(owner.prototype, 'size')?.get?.call(value);
}

/**
 * @param {unknown} value
 * @returns {string} without asking it: by the constructor of its prototype
 */
function typeName(value) {
  if (value === null) return 'null';
  if (types.isProxy(value)) return 'Proxy';
  if (typeof value === 'function') {
    const name = Object.getOwnPropertyDescriptor(value, 'name')?.value;
    const kind = /^class\b/.test(Function.prototype.toString.call(value)) ? 'class' : 'function';
    return typeof name === 'string' && name !== '' ? `${kind} ${name}` : kind;
  }
  if (typeof value !== 'object') return typeof value;
  for (let one = Object.getPrototypeOf(value); one !== null; one = Object.getPrototypeOf(one)) {
    if (types.isProxy(one)) break;
    const maker = Object.getOwnPropertyDescriptor(one, 'constructor')?.value;
    if (typeof maker !== 'function' || types.isProxy(maker)) continue;
    const name = Object.getOwnPropertyDescriptor(maker, 'name')?.value;
    if (typeof name === 'string' && name !== '') return name;
  }
  return 'Object';
}

/**
 * @param {unknown} value
 * @returns {value is { shape: number[], dtype: string, dataSync: () => ArrayLike<number> }} whether it is one of
 *   TensorFlow.js that has not been disposed
 */
function isTensor(value) {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false;
  const own = (/** @type {string} */ name) => Object.getOwnPropertyDescriptor(value, name)?.value;
  return (
    Array.isArray(own('shape')) &&
    typeof own('dtype') === 'string' &&
    typeof own('dataId') === 'object' &&
    own('isDisposedInternal') !== true
  );
}

/**
 * @param {{ shape: number[], dtype: string, dataSync: () => ArrayLike<number> }} tensor
 * @returns {import('./grey-picture.mjs').GreyPicture | null} of [height, width], [height, width, channels] or the first
 *   of a batch of such, from black at the least to white at the greatest; null of other shapes
 */
function pictureOf(tensor) {
  const { shape, dtype } = tensor;
  const isBatch = shape.length === 4;
  const [height, width, channels = 1] = isBatch ? shape.slice(1) : shape;
  const isImage = shape.length >= 2 && shape.length <= 4 && product(shape) > 0;
  if (!isImage || dtype === 'string' || product(shape) > rangeCount) return null;
  const data = tensor.dataSync();
  const means = Float64Array.from({ length: height * width }, (_, i) => {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += data[i * channels + c];
    return sum / channels;
  });
  const finite = means.filter(Number.isFinite);
  const [lowest, highest] = finite.reduce(
    ([low, high], one) => [Math.min(low, one), Math.max(high, one)],
    [Infinity, -Infinity],
  );
  const scale = highest > lowest ? 255 / (highest - lowest) : 0;
  const grey = Buffer.from(means.map((one) => (Number.isFinite(one) ? (one - lowest) * scale : 0)));
  const parts = [
    ...(isBatch ? ['the first of the batch'] : []),
    ...(channels > 1 ? [`the mean of ${channels} channels`] : []),
    `black is ${Number(lowest.toPrecision(4))}, white ${Number(highest.toPrecision(4))}`,
  ];
  const caption = `Picture: ${parts.join(', ')}`;
  return { width, height, grey: grey.toString('base64'), caption };
}

/** @param {number[]} numbers */
function product(numbers) {
  return numbers.reduce((a, b) => a * b, 1);
}

/** @param {string} text */
function shortened(text) {
  const line = text.replace(/\s+/g, ' ');
  return line.length > textLength ? `${line.slice(0, textLength)}…` : line;
}
