import { auroc as exactAuroc } from '../../src/lib/metrics/auroc';
import { readScores } from './scores';
import type { ScoreFiles } from './scores';
import type { Workload } from './workload';

export const auroc: Workload = (request) => {
  const { scores, labels } = readScores(request as unknown as ScoreFiles);
  return { repeat: () => exactAuroc(scores, labels) };
};
