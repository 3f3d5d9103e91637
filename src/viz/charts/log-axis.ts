/** Domain and labelled ticks of a logarithmic axis. */
export interface LogAxis {
  domain: [lo: number, hi: number];
  ticks: number[];
}

/**
 * A logarithmic axis over positive values: ticks at 1, 2 and 5 times the powers of ten, at the powers
 * only where more than two decades are shown. The domain is the values' own, unless `nice` widens it
 * to the next ticks.
 */
export function logAxis(values: readonly number[], nice: boolean): LogAxis {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  if (positive.length === 0) return { domain: [0.1, 1], ticks: [0.1, 0.2, 0.5, 1] };
  let lo = positive.reduce((least, value) => Math.min(least, value), Infinity);
  let hi = positive.reduce((most, value) => Math.max(most, value), 0);
  const factors = Math.log10(hi / lo) > 2 ? [1] : [1, 2, 5];
  const candidates: number[] = [];
  for (let power = Math.floor(Math.log10(lo)) - 1; power <= Math.log10(hi) + 1; power++) {
    candidates.push(...factors.map((factor) => Number(`${factor}e${power}`)));
  }
  if (nice) {
    const below = candidates.filter((tick) => tick <= lo);
    lo = below.length > 0 ? below[below.length - 1] : lo;
    hi = candidates.find((tick) => tick >= hi && tick > lo) ?? hi;
  }
  return { domain: [lo, hi], ticks: candidates.filter((tick) => tick >= lo && tick <= hi) };
}
