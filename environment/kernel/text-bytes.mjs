/**
 * @param {Record<string, unknown>} data
 * @returns {Record<string, unknown>} with bytes as base64, as Jupyter's protocol wants them
 */
export function withTextBytes(data) {
  const entries = Object.entries(data).map(([mime, value]) => [
    mime,
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  ]);
  return Object.fromEntries(entries);
}
