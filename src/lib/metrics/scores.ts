/** Scores as the metrics take them; a larger score means more anomalous. Never NaN. */
export type Scores = Float32Array | Float64Array;
