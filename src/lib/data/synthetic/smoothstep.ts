/** 0 at and below `low`, 1 at and above `high`, a smooth ramp between; falls if `low` > `high`. */
export function smoothstep(low: number, high: number, x: number): number {
  const t = Math.min(Math.max((x - low) / (high - low), 0), 1);
  return t * t * (3 - 2 * t);
}
