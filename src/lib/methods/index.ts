import { z } from 'zod';
import { ADGAN } from './adgan/adgan';
import { FEATURE_DICTIONARY } from './feature-dictionary/feature-dictionary';
import { FUSION } from './fusion/fusion';
import { LEVELS_AND_MEMORY } from './fusion/levels-and-memory';
import type { AnomalyMethod, Learner } from './method';
import { ONE_CLASS } from './one-class/one-class';
import { PATCHCORE } from './patchcore/patchcore';
import { PRE_TRAINING, STFPM, STFPM_WITH_AUTO_ENCODERS } from './student-teacher';
import { VAE } from './vae/vae';

/** Every method, in the order in which tables show them. One more is one more line here. */
export const METHODS = [
  STFPM,
  STFPM_WITH_AUTO_ENCODERS,
  PATCHCORE,
  LEVELS_AND_MEMORY,
  FUSION,
  FEATURE_DICTIONARY,
  ONE_CLASS,
  VAE,
  ADGAN,
] as const;

/** Whatever a run can be made by. */
const LEARNERS = [...METHODS, PRE_TRAINING] as const;

/** The settings of a method, complete. */
export type DetectorConfig = z.output<(typeof METHODS)[number]['schema']>;
/** The settings of a run, complete: of a method, or of the pre-training of auto-encoders. */
export type MethodConfig = z.output<(typeof LEARNERS)[number]['schema']>;

/** `recipe` in a run's settings, where it is not the method's name. */
const RECIPES: Readonly<Record<string, string>> = { stfpm: 'baseline' };

export const recipeOf = ({ name }: Pick<Learner, 'name'>): string => RECIPES[name] ?? name;

/** The names that `stfpm train --method` takes. */
export const LEARNER_NAMES: readonly string[] = LEARNERS.map(({ name }) => name);

/** Who made the run with these settings. @throws RangeError for a recipe that is none */
export function learnerOf({ recipe }: { recipe: string }): Learner<MethodConfig> {
  const learner = (LEARNERS as readonly unknown[] as Learner<MethodConfig>[]).find(
    (each) => recipeOf(each) === recipe,
  );
  if (learner) return learner;
  throw new RangeError(
    `Expected a recipe, one of ${LEARNERS.map(recipeOf).join(', ')}, found "${recipe}".`,
  );
}

/** The method with these settings. @throws RangeError for a recipe that is none */
export function methodOf({ recipe }: { recipe: string }): AnomalyMethod<DetectorConfig> {
  const method = (METHODS as readonly unknown[] as AnomalyMethod<DetectorConfig>[]).find(
    (each) => recipeOf(each) === recipe,
  );
  if (method) return method;
  const names = METHODS.map(recipeOf).join(', ');
  throw new RangeError(`Expected the recipe of a detector, one of ${names}, found "${recipe}".`);
}

/** Any run's settings; without a recipe, those of the baseline. */
export const methodConfigSchema = z.unknown().transform((value, context): MethodConfig => {
  const { recipe = 'baseline' } = (value ?? {}) as { recipe?: string };
  let learner: Learner<MethodConfig>;
  try {
    learner = learnerOf({ recipe });
  } catch (error) {
    context.addIssue({ code: 'custom', path: ['recipe'], message: (error as Error).message });
    return z.NEVER;
  }
  const result = learner.schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) context.addIssue(issue);
  return z.NEVER;
});

/**
 * Fills in the defaults of a method's settings.
 *
 * @throws Error that lists every field that is wrong, what was expected and found
 */
export function methodConfig(input: { recipe?: string; [setting: string]: unknown }): MethodConfig {
  const result = methodConfigSchema.safeParse(input);
  if (result.success) return result.data;
  const lines = result.error.issues.map(
    ({ path, message }) => `  ${path.join('.') || '(config)'}: ${message}`,
  );
  throw new Error(`The settings are not valid:\n${lines.join('\n')}`);
}
