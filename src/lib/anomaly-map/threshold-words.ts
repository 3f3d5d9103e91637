import { promiseOf } from './threshold';
import type { OperatingThreshold } from './threshold';

/** "0.06162: 0 of 24 held-out good images score above it". */
export function thresholdInWords({
  value,
  quantile,
  images,
  falseAlarms,
  source,
}: OperatingThreshold): string {
  const number = value.toPrecision(4);
  const which = source === 'train' ? 'train images' : 'held-out good images';
  if (falseAlarms !== undefined) {
    const counted = `${falseAlarms} of ${images} ${which} score above it`;
    if (source === 'cost') return `${number}, of the least cost: ${counted}`;
    return source === 'given' ? `${number}, as given: ${counted}` : `${number}: ${counted}`;
  }
  if (quantile === null) return `${number}, as given`;
  // Of an earlier version.
  return `${number}: ${percent(quantile)} of ${images} ${which} do not score higher`;
}

/** What the threshold can promise of new good images, and what it cannot. */
export function promiseInWords(threshold: OperatingThreshold): { text: string; isKept: boolean } {
  const { images, source, falseAlarms, quantile } = threshold;
  if (source === 'train') {
    return {
      text:
        'It was set from train images, which score lower than new ones: expect more false alarms than asked for, and no ' +
        'one can say how many more. Hold some images out (--protocol B), or set it from other good images ' +
        '(`stfpm threshold RUN --good FOLDER`)',
      isKept: false,
    };
  }
  if (source === 'cost') {
    return {
      text:
        'It was chosen by its mistakes on these images, which say too little of those on others: measure them on images ' +
        'that had no part in it',
      isKept: true,
    };
  }
  const promise = promiseOf(threshold);
  if (!promise) {
    const unknown = images > 0 && falseAlarms === undefined;
    return {
      text: unknown
        ? `The largest of ${images} scores promises about 1 false alarm in ${images + 1} new good images`
        : 'Nothing is known of its false alarms',
      isKept: !unknown || quantile === null || images + 1 >= 1 / (1 - quantile),
    };
  }
  const { expected, interval, needed } = promise;
  const [low, high] = interval.map(percent);
  const text =
    `Of new good images like these, ${percent(expected)} or fewer are false alarms on average; with 95 % confidence ` +
    `the rate is between ${low} and ${high}`;
  if (quantile === null || needed === null || images >= needed.onAverage) {
    return { text, isKept: true };
  }
  return {
    text:
      `${images} held-out images are too few for a rate of ${percent(1 - quantile)}, which takes ` +
      `${needed.onAverage}, and ${needed.surely} to be sure of it (95 %): the threshold lies above the largest of ` +
      `${images} scores. ${text}`,
    isKept: false,
  };
}

/** "4 %", "0.5 %": two digits. */
export function percent(share: number): string {
  const value = 100 * share;
  // 99.5 % is not 100 %.
  const digits = value > 10 && value < 90 ? 2 : value >= 90 && value < 100 ? 3 : 2;
  return `${Number(value.toPrecision(digits))} %`;
}
