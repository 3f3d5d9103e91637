import type { OperatingThreshold } from '../../../lib/training/operating-threshold';
import type { RunConfig } from '../../../lib/training/run-config';
import type { Displayable } from '../../display/mime-bundle';
import type { Displayer } from './displayer';
import { factsTable } from './facts';
import { folderName } from './folder-name';
import { parameterCount } from './networks';
import { runFacts } from './run-facts';

interface Loaded {
  run: { folder: string };
  config: RunConfig;
  detector: { student: unknown; autoEncoders?: { store: unknown } };
  modelEpoch: number | null;
  threshold: OperatingThreshold | null;
}

/** What `loadDetector` returns: where it is from, what it was trained on, and when it calls an image defective. */
export const displayDetector: Displayer = (object) => {
  const { run, config, detector, threshold } = object as Partial<Loaded>;
  const isLoaded =
    typeof run?.folder === 'string' &&
    typeof config?.config?.recipe === 'string' &&
    typeof detector === 'object' &&
    threshold !== undefined;
  return isLoaded ? displayLoaded(object as Loaded) : null;
};

function displayLoaded({ run, config, detector, modelEpoch, threshold }: Loaded): Displayable {
  const { student, autoEncoders } = detector;
  return factsTable(
    ['Detector', folderName(run.folder)],
    [
      ...runFacts(config),
      ['model', modelEpoch === null ? null : `of epoch ${modelEpoch} of ${config.config.epochs}`],
      ['parameters of the student', parameterCount(student)],
      ['parameters of the auto-encoders', autoEncoders && parameterCount(autoEncoders.store)],
      ['threshold', threshold === null ? 'none: the run is not finished' : inWords(threshold)],
    ],
  );
}

function inWords({ value, quantile, images, source }: OperatingThreshold): string {
  const share = `${Number((100 * quantile).toPrecision(3))} %`;
  const which = source === 'train' ? 'train images' : 'held-out normal images';
  return `${value.toPrecision(4)}, above ${share} of ${images} ${which}`;
}
