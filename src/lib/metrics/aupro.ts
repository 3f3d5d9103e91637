import { areaUpTo } from './area-up-to';
import type { CurveOptions } from './curve-points';
import { proCurve } from './pro-curve';
import type { ProCurve, ProCurveOptions } from './pro-curve';
import type { Scores } from './scores';

export interface AuproOptions extends Omit<ProCurveOptions, keyof CurveOptions> {
  /** The false-positive rate at which the curve is cut off, above 0, up to 1. Default 0.3. */
  limit?: number;
}

/**
 * Area under the PRO curve up to a false-positive rate, divided by that rate (Bergmann et al.,
 * IJCV 2021, section 5.2; MVTec's evaluation code). See `proCurve` for parameters and errors.
 *
 * @returns from 0 to 1
 */
export function aupro(scores: Scores, labels: Uint8Array, options: AuproOptions): number {
  return auproOfCurve(proCurve(scores, labels, options), options.limit);
}

/** AU-PRO from a curve that is at hand. */
export function auproOfCurve(curve: ProCurve, limit = 0.3): number {
  if (!(limit > 0 && limit <= 1)) {
    throw new RangeError(`Expected a false-positive rate above 0 and up to 1, found ${limit}.`);
  }
  return areaUpTo(curve.falsePositiveRate, curve.perRegionOverlap, limit) / limit;
}
