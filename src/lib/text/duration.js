// Plain JavaScript, since the set-up uses it before there is a compiler.

/**
 * A duration as a person says it: `0.4 s`, `45 s`, `3 min 20 s`, `12 min`, `2 h 5 min`.
 *
 * @param {number} seconds less than 0 counts as 0
 * @returns {string}
 */
function duration(seconds) {
  const tenths = Math.round(10 * Math.max(0, seconds));
  if (tenths < 100) return `${tenths / 10} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 600) return inTwo(Math.floor(whole / 60), 'min', whole % 60, 's');
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  return inTwo(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
}

/**
 * @param {number} large
 * @param {string} largeUnit
 * @param {number} small left out where it is 0
 * @param {string} smallUnit
 */
function inTwo(large, largeUnit, small, smallUnit) {
  return `${large} ${largeUnit}${small > 0 ? ` ${small} ${smallUnit}` : ''}`;
}

module.exports = { duration };
