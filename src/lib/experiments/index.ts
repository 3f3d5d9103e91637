import { ABLATIONS } from './ablations';
import type { Preset } from './preset';
import { SWEEP } from './sweep';
import { TABLE_2 } from './table2';
import { TEACHER_COMPARISON } from './teachers';

export { ABLATIONS } from './ablations';
export { fewShotCopies, planRuns } from './plan-runs';
export type { PlannedRuns, PlanOptions } from './plan-runs';
export type { PaperNumbers, Preset } from './preset';
export { SWEEP } from './sweep';
export { TABLE_2 } from './table2';
export { TEACHER_COMPARISON } from './teachers';

/** The tables that can be reproduced, by name. */
export const EXPERIMENTS: Readonly<
  Record<'table2' | 'sweep' | 'ablations' | 'teachers', readonly Preset[]>
> = {
  table2: TABLE_2,
  sweep: SWEEP,
  ablations: ABLATIONS,
  teachers: TEACHER_COMPARISON,
};
