import type { Points } from '../../statistics/points';

/** A fitted one-class classifier: how unlike its class each point is. The higher, the more so. */
export type AnomalyScores = (points: Points) => Float64Array;
