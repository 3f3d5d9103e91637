import { readFileSync } from 'fs';

export interface ScoreFiles {
  /** File of float32 scores. */
  scores: string;
  /** File of bytes, 0 or 1 for each score. */
  labels: string;
}

export function readScores(files: ScoreFiles): { scores: Float32Array; labels: Uint8Array } {
  return {
    scores: new Float32Array(new Uint8Array(readFileSync(files.scores)).buffer),
    labels: new Uint8Array(readFileSync(files.labels)),
  };
}
