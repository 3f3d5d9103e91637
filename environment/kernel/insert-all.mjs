/** @typedef {{ at: number, text: string }} Insertion `at`: a position in the text before */

/**
 * @param {string} text
 * @param {Insertion[]} insertions those at one place in their order
 * @returns {string}
 */
export function insertAll(text, insertions) {
  let result = '';
  let from = 0;
  for (const { at, text: inserted } of [...insertions].sort((a, b) => a.at - b.at)) {
    result += text.slice(from, at) + inserted;
    from = at;
  }
  return result + text.slice(from);
}
