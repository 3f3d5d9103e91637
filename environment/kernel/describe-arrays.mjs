// Tensors and typed arrays as text: what a reader wants to know of many numbers is their shape, type
// and range, and the first few.

const previewLength = 6;

/**
 * @param {unknown} value the value of a cell's last expression
 * @returns {string | null} for a TensorFlow.js tensor or a typed array; null for anything else
 */
export function describeArray(value) {
  if (isTensor(value)) return describeTensor(value);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView) && !Buffer.isBuffer(value)) {
    const numbers = /** @type {ArrayLike<number | bigint> & object} */ (
      /** @type {unknown} */ (value)
    );
    return `${value.constructor.name} [${numbers.length}]${summary(numbers)}`;
  }
  return null;
}

/**
 * @typedef {object} TensorLike
 * @property {number[]} shape
 * @property {string} dtype
 * @property {boolean} isDisposed
 * @property {() => ArrayLike<number>} dataSync
 */

/**
 * @param {unknown} value
 * @returns {value is TensorLike}
 */
function isTensor(value) {
  const tensor = /** @type {any} */ (value);
  return (
    typeof tensor === 'object' &&
    tensor !== null &&
    Array.isArray(tensor.shape) &&
    typeof tensor.dtype === 'string' &&
    typeof tensor.dataSync === 'function'
  );
}

/** @param {TensorLike} tensor it stays as it is: reading copies its values */
function describeTensor(tensor) {
  const head = `Tensor ${tensor.dtype} [${tensor.shape.join(', ')}]`;
  if (tensor.isDisposed) return `${head}, disposed`;
  return head + (tensor.dtype === 'string' ? '' : summary(tensor.dataSync()));
}

/** @param {ArrayLike<number | bigint>} values */
function summary(values) {
  if (values.length === 0) return ', empty';
  /** @type {number | bigint} */
  let lowest = Infinity;
  /** @type {number | bigint} */
  let highest = -Infinity;
  let notFinite = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value === 'number' && !Number.isFinite(value)) {
      notFinite++;
      continue;
    }
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  const first = Array.from({ length: Math.min(previewLength, values.length) }, (_, i) =>
    short(values[i]),
  );
  const rest = values.length > previewLength ? ', …' : '';
  const range = notFinite < values.length ? `, from ${short(lowest)} to ${short(highest)}` : '';
  const odd = notFinite > 0 ? `, ${notFinite} not finite` : '';
  return `${range}${odd}\n[${first.join(', ')}${rest}]`;
}

/** @param {number | bigint} value */
function short(value) {
  return typeof value === 'bigint' ? `${value}` : `${Number(value.toPrecision(5))}`;
}
