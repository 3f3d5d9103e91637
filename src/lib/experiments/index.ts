import { ABLATIONS, SWEEP, TEACHER_COMPARISON } from './studies';
import type { Preset } from './preset';
import { TABLE_2 } from './table2';

export { ABLATIONS } from './studies';
export { fewShotCopies, planRuns } from './plan-runs';
export type { PlannedRuns, PlanOptions } from './plan-runs';
export type { PaperNumbers, Preset } from './preset';
export { SWEEP } from './studies';
export { TABLE_2 } from './table2';
export { TEACHER_COMPARISON } from './studies';

/** The tables that can be reproduced, by name. */
export const EXPERIMENTS: Readonly<
  Record<'table2' | 'sweep' | 'ablations' | 'teachers', readonly Preset[]>
> = {
  table2: TABLE_2,
  sweep: SWEEP,
  ablations: ABLATIONS,
  teachers: TEACHER_COMPARISON,
};
