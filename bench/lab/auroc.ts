import { readFileSync } from 'fs';
import { auroc as exactAuroc } from '../../src/lib/metrics/auroc';
import type { Workload } from './workload';

export interface AurocOptions {
  /** File of float32 scores. */
  scores: string;
  /** File of bytes, 0 or 1 for each score. */
  labels: string;
}

export const auroc: Workload = (request) => {
  const options = request as unknown as AurocOptions;
  const scores = new Float32Array(new Uint8Array(readFileSync(options.scores)).buffer);
  const labels = new Uint8Array(readFileSync(options.labels));
  return { repeat: () => exactAuroc(scores, labels) };
};
