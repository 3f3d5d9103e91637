import { isDefective } from '../anomaly-map/threshold';
import { percent } from '../anomaly-map/threshold-words';
import { clopperPearson } from '../statistics/clopper-pearson';
import { aurocInterval } from './auroc-interval';
import type { ImageResult } from './evaluate-maps';

/** Mistakes among images of one kind. */
export interface Mistakes {
  count: number;
  of: number;
  /** Of their rate: 95 %, Clopper and Pearson's. */
  interval: [number, number];
}

/** What an operating threshold does on a test set, which it was not chosen by. */
export interface OperatingPoint {
  threshold: number;
  /** Good images called defective; null without good images. */
  falseAlarms: Mistakes | null;
  /** Defective images called good; null without defective images. */
  missed: Mistakes | null;
  /** Of `missed`, by kind of defect, in alphabetical order. */
  missedByDefect: Record<string, Mistakes>;
}

type Judged = Pick<ImageResult, 'defect' | 'label' | 'score'>;

/** @throws RangeError if a score is NaN */
export function operatingPoint(results: readonly Judged[], threshold: number): OperatingPoint {
  const good = results.filter(({ label }) => label === 0);
  const defective = results.filter(({ label }) => label === 1);
  const kinds = [...new Set(defective.map(({ defect }) => defect))].sort();
  const missedOf = (images: readonly Judged[]) =>
    mistakes(images, ({ score }) => !isDefective(score, threshold));
  const falseAlarms =
    good.length > 0 ? mistakes(good, ({ score }) => isDefective(score, threshold)) : null;
  return {
    threshold,
    falseAlarms,
    missed: defective.length > 0 ? missedOf(defective) : null,
    missedByDefect: Object.fromEntries(
      kinds.map((kind) => [kind, missedOf(defective.filter(({ defect }) => defect === kind))]),
    ),
  };
}

function mistakes(images: readonly Judged[], isWrong: (image: Judged) => boolean): Mistakes {
  const count = images.filter(isWrong).length;
  return { count, of: images.length, interval: clopperPearson(count, images.length) };
}

/**
 * What metrics alone do not tell in so many words: that a detector is no better than chance, that it finds nothing, or
 * that it calls everything defective. Empty where there is nothing to say.
 *
 * @param auroc of the images; null where undefined
 */
export function remarksOn(
  results: readonly Judged[],
  auroc: number | null,
  point: OperatingPoint | null,
): string[] {
  const remarks: string[] = [];
  const defects = results.filter(({ label }) => label === 1).length;
  const good = results.length - defects;
  if (auroc !== null && good > 0 && defects > 0) {
    const [low, high] = aurocInterval(auroc, good, defects);
    const measured = `image AUROC ${auroc.toFixed(3)}, 95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}`;
    if (high < 0.5) {
      remarks.push(
        `Worse than chance: good images score higher than defective ones (${measured}).`,
      );
    } else if (low <= 0.5) {
      remarks.push(
        `These ${good} good and ${defects} defective images do not show that the detector is better than chance ` +
          `(${measured}). F1-max says nothing against it: calling every image defective gives ` +
          `${((2 * defects) / (2 * defects + good)).toFixed(3)}.`,
      );
    }
  }
  if (!point) return remarks;
  const { missed, falseAlarms } = point;
  if (missed && missed.count === missed.of) {
    remarks.push(
      `At its threshold the detector finds nothing: all ${missed.of} defective images are called good.`,
    );
  } else if (missed && missed.count > missed.of / 2) {
    remarks.push(
      `At its threshold the detector misses ${missed.count} of ${missed.of} defective images.`,
    );
  }
  if (falseAlarms && falseAlarms.count === falseAlarms.of) {
    remarks.push(`At its threshold all ${falseAlarms.of} good images are called defective.`);
  }
  for (const [kind, { count, of }] of Object.entries(point.missedByDefect)) {
    if (count === of && missed && missed.count < missed.of) {
      remarks.push(`No image of the defect "${kind}" is found (${of} of ${of} missed).`);
    }
  }
  return remarks;
}

/** "2 of 20 (10 %, 95 % interval 1.2 % to 32 %)" */
export function mistakesInWords({ count, of, interval: [low, high] }: Mistakes): string {
  return `${count} of ${of} (${percent(count / of)}, 95 % interval ${percent(low)} to ${percent(high)})`;
}
