import { InvalidArgumentError, Option } from 'commander';
import { describeDevice, hasFastBfloat16 } from '../../lib/engine/index';
import type { ElementType } from '../../lib/engine/index';

const CHOICES = ['float32', 'bf16', 'auto'] as const;

/** What --precision takes. */
export type PrecisionChoice = (typeof CHOICES)[number];

/** --precision */
export function precisionOption(): Option {
  return new Option(
    '--precision <name>',
    'what networks compute in while they learn; auto: bf16 where the processor has instructions for it (default: float32)',
  ).choices(CHOICES);
}

/** What the command line calls the element types. */
const NAMES: Readonly<Record<Exclude<PrecisionChoice, 'auto'>, ElementType>> = {
  float32: 'float32',
  bf16: 'bfloat16',
};

/** @throws InvalidArgumentError for anything but float32 and bf16 */
export function elementType(text: string): ElementType {
  const found = Object.entries(NAMES).find(([name]) => name === text);
  if (found) return found[1];
  throw new InvalidArgumentError(`Allowed choices are ${Object.keys(NAMES).join(', ')}.`);
}

/**
 * What a training computes in.
 *
 * @param asked undefined: what its run has, else float32
 * @param before what the run has that is gone on with; `auto` keeps it, so that both parts belong together
 * @param hindrance why bfloat16 is not faster on this machine; null where it is
 * @returns `precision`: undefined where nothing was asked; `note`: what is to be said of it
 */
export function choosePrecision(
  asked: PrecisionChoice | undefined,
  before?: ElementType,
  hindrance: () => string | null = hindranceHere,
): { precision?: ElementType; note?: string } {
  const precision = asked && (asked === 'auto' ? before : NAMES[asked]);
  const computes = precision ?? before;
  if (computes === 'float32' || (computes === undefined && asked !== 'auto')) return { precision };
  const why = hindrance();
  if (why === null) return { precision: precision ?? before ?? 'bfloat16' };
  return computes === undefined
    ? { precision: 'float32', note: `Precision: float32, since ${why}` }
    : { precision, note: `Precision: bfloat16, although ${why}` };
}

function hindranceHere(): string | null {
  if (describeDevice().kind === 'gpu') return 'bfloat16 has not been measured on GPUs';
  if (hasFastBfloat16()) return null;
  return 'this processor has no instructions for bfloat16 (AVX512_BF16 or AMX) and takes longer for it';
}
