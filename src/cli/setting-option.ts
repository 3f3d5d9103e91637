import { InvalidArgumentError, Option } from 'commander';
import { baselineConfigSchema } from '../lib/training/config';
import type { BaselineConfig } from '../lib/training/config';

/** The settings of a training that are numbers with a default. */
export type NumberSetting =
  'epochs' | 'batchSize' | 'imageSize' | 'learningRate' | 'seed' | 'validationShare';

/** What an option of the command line is called for a setting: `--batch-size`. */
export function optionName(setting: keyof BaselineConfig): string {
  return `--${setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** An option for a number of the training's configuration, with its default and its checks. */
export function numberOption(setting: NumberSetting, placeholder: string, text: string): Option {
  const field = baselineConfigSchema.shape[setting];
  const defaultValue = field.parse(undefined);
  return new Option(`${optionName(setting)} <${placeholder}>`, text)
    .default(defaultValue)
    .argParser((value: string) => {
      // Number('') is 0, and nobody means that.
      const number = value.trim() === '' ? NaN : Number(value);
      if (Number.isNaN(number)) throw new InvalidArgumentError('Expected a number.');
      const result = field.safeParse(number);
      if (!result.success) {
        const reasons = result.error.issues.map(({ message }) => `${message}.`);
        throw new InvalidArgumentError(reasons.join(' '));
      }
      return result.data;
    });
}
