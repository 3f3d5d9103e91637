const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * The `mappings` of a source map (ECMA-426). The kernel is installed without packages of its own, so that none does this.
 *
 * @param {string} mappings
 * @returns {number[][][]} for each line of the script its segments: column, index of the source, line and column in it, all
 *   from 0; a segment of a column alone comes from no source
 */
export function decodeMappings(mappings) {
  const state = [0, 0, 0, 0, 0];
  return mappings.split(';').map((line) => {
    state[0] = 0;
    return line
      .split(',')
      .filter((segment) => segment !== '')
      .map((segment) => {
        const steps = decodeNumbers(segment);
        return steps.map((step, i) => (state[i] += step));
      });
  });
}

/** @param {string} text numbers in base 64, the lowest five bits first, the lowest of all the sign */
function decodeNumbers(text) {
  /** @type {number[]} */
  const numbers = [];
  let [value, shift] = [0, 0];
  for (const digit of text) {
    const bits = digits.indexOf(digit);
    value += (bits & 31) << shift;
    shift += 5;
    if (bits & 32) continue;
    numbers.push(value & 1 ? -(value >>> 1) : value >>> 1);
    [value, shift] = [0, 0];
  }
  return numbers;
}
