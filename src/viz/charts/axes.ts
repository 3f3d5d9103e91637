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

/** Scale and axis of values such as losses: linear from 0, or logarithmic with readable ticks. */
export function valueAxis(values: readonly number[], scale: 'linear' | 'log', ticks = 6) {
  if (scale === 'log') {
    const axis = logAxis(values, true);
    return {
      scale: { type: 'log' as const, domain: axis.domain, nice: false },
      // 5M rather than 5000000.
      axis: { values: axis.ticks, format: axis.domain[1] >= 1e5 ? '~s' : '~g' },
    };
  }
  const domain = values.length > 0 ? {} : { domain: [0, 1] };
  return { scale: { zero: true, ...domain }, axis: { tickCount: ticks } };
}
