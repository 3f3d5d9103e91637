import { logAxis } from './log-axis';

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
