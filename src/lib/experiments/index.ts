import { ABLATIONS } from './ablations';
import type { Preset } from './preset';
import { SWEEP } from './sweep';
import { TABLE_2 } from './table2';

export { ABLATIONS } from './ablations';
export { fewShotCopies, planRuns } from './plan-runs';
export type { PlannedRuns, PlanOptions } from './plan-runs';
export type { PaperNumbers, Preset } from './preset';
export { SWEEP } from './sweep';
export { TABLE_2 } from './table2';

/** The tables that can be reproduced, by name. */
export const EXPERIMENTS: Readonly<Record<'table2' | 'sweep' | 'ablations', readonly Preset[]>> = {
  table2: TABLE_2,
  sweep: SWEEP,
  ablations: ABLATIONS,
};
