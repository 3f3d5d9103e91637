import { aupro as exactAupro } from '../../src/lib/metrics/aupro';
import { readScores } from './scores';
import type { ScoreFiles } from './scores';
import type { Workload } from './workload';

export interface AuproOptions extends ScoreFiles {
  /** Of each anomaly map. */
  width: number;
  height: number;
}

export const aupro: Workload = (request) => {
  const { width, height, ...files } = request as unknown as AuproOptions;
  const { scores, labels } = readScores(files);
  return { repeat: () => exactAupro(scores, labels, { width, height }) };
};
