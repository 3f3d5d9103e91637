import { Option } from 'commander';
import type { Command } from 'commander';
import { givenThreshold, promiseOf, resetThreshold } from '../../lib/anomaly-map/threshold';
import type { OperatingThreshold } from '../../lib/anomaly-map/threshold';
import { promiseInWords, thresholdInWords } from '../../lib/anomaly-map/threshold-words';
import { finiteNumber, rate } from '../options';
import { say, warn } from '../terminal/say';

/** Of commands that judge: another threshold than the one that is stored with the model. */
export interface ThresholdOptions {
  /** --threshold */
  threshold?: number;
  /** --pixel-threshold */
  pixelThreshold?: number;
  /** --false-alarms */
  falseAlarms?: number;
}

export function addThresholdOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--threshold <score>',
        "call images above this score defective (default: the run's threshold)",
      )
        .argParser(finiteNumber)
        .conflicts('falseAlarms'),
    )
    .addOption(
      new Option(
        '--false-alarms <rate>',
        "set the threshold for this rate among good images, such as 1/200 or 0.5%, from the scores of the run's held-out ones",
      ).argParser(rate),
    )
    .addOption(
      new Option(
        '--pixel-threshold <value>',
        'call pixels of the map above this value defective',
      ).argParser(finiteNumber),
    );
}

/** The threshold to judge by. */
export function chosenThreshold(
  stored: OperatingThreshold | null,
  { threshold, pixelThreshold, falseAlarms }: ThresholdOptions,
): OperatingThreshold | null {
  let chosen = stored;
  if (threshold !== undefined) chosen = givenThreshold(threshold, stored);
  if (falseAlarms !== undefined) {
    if (!stored)
      throw new Error('--false-alarms: no good image was held out to set a threshold from.');
    chosen = resetThreshold(stored, falseAlarms);
  }
  if (pixelThreshold === undefined) return chosen;
  if (!chosen) throw new Error('--pixel-threshold: there is no threshold of images to go with it.');
  return { ...chosen, pixel: pixelThreshold };
}

/** On standard error: the threshold, and what it can promise. */
export function tellThreshold(threshold: OperatingThreshold | null): void {
  if (!threshold) {
    warn('no threshold was set: there are scores and no verdicts. --threshold names one.');
    return;
  }
  say(`Threshold: ${thresholdInWords(threshold)}`);
  const { text, isKept } = promiseInWords(threshold);
  if (isKept) say(`${text}.`);
  else warn(`${text}.`);
}

/** Without the scores that it was set from: for results. */
export function thresholdRecord(threshold: OperatingThreshold | null): object | null {
  if (!threshold) return null;
  const { scores: _scores, peaks: _peaks, ...record } = threshold;
  const promise = promiseOf(threshold);
  return { ...record, ...(promise && { falseAlarmRate: { interval: promise.interval } }) };
}
