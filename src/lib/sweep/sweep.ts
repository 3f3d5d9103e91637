import { coordinate } from './coordinate';
import type { CoordinateOptions, SweepStatus } from './coordinate';
import type { Engine } from './engine';
import { LocalEngine } from './local-engine';
import type { LocalOptions } from './local-engine';
import { readPlan } from './plan';
import type { Plan } from './plan';
import { RayEngine } from './ray-engine';
import type { RayOptions } from './ray-engine';
import { SlurmEngine } from './slurm-engine';
import type { SlurmOptions } from './slurm-engine';

/** What each engine is told. */
export interface EngineOptions {
  local: LocalOptions;
  ray: RayOptions;
  slurm: SlurmOptions;
}

/** @throws TypeError for a name that is none */
export function engineNamed<Name extends keyof EngineOptions>(
  name: Name,
  options: EngineOptions[Name],
): Engine {
  if (name === 'local') return new LocalEngine(options as LocalOptions);
  if (name === 'ray') return new RayEngine(options as RayOptions);
  if (name === 'slurm') return new SlurmEngine(options as SlurmOptions);
  throw new TypeError(`Expected an engine, local, ray or slurm, found "${String(name)}".`);
}

/** Local processes need to be told nothing. */
type OptionsFor<Name extends keyof EngineOptions> = Name extends 'local'
  ? [options?: LocalOptions & CoordinateOptions]
  : [options: EngineOptions[Name] & CoordinateOptions];

/**
 * A plan, to be run: `await sweep('plan.json').on('local')`. See `coordinate` for what is kept, and for errors.
 *
 * @param plan as `stfpm sweep plan` wrote it, or its file
 */
export function sweep(plan: Plan | string): {
  on<Name extends keyof EngineOptions>(
    engine: Name,
    ...options: OptionsFor<Name>
  ): Promise<SweepStatus>;
} {
  const read = typeof plan === 'string' ? readPlan(plan) : plan;
  return {
    on: (engine, options = {}) =>
      coordinate(
        read,
        engineNamed(engine, options as EngineOptions[typeof engine]),
        options as CoordinateOptions,
      ),
  };
}
