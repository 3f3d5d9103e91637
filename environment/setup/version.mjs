/**
 * @param {string} text a version such as `v20.9.0` or `3.11`
 * @returns {number[]} its leading numbers; empty where there are none
 */
export function parseVersion(text) {
  const match = /(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(text);
  return match ? match.slice(1).filter(Boolean).map(Number) : [];
}

/**
 * Compares part by part as numbers; a missing part counts as 0.
 * @param {string} a
 * @param {string} b
 * @returns {number} negative where a is older than b, positive where newer, 0 where equal
 */
export function compareVersions(a, b) {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
