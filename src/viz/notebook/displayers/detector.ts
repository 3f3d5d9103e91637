import type { OperatingThreshold } from '../../../lib/anomaly-map/threshold';
import { thresholdInWords } from '../../../lib/anomaly-map/threshold-words';
import { epochsOf } from '../../../lib/runs/run-config';
import type { RunConfig } from '../../../lib/runs/run-config';
import type { Displayable } from '../../display/mime-bundle';
import { factsTable, folderName, runFacts } from './facts';
import type { Displayer } from './facts';
import { parameterCount } from './networks';

interface Loaded {
  run: { folder: string };
  config: RunConfig;
  detector: {
    student: unknown;
    autoEncoders?: { store: unknown };
    threshold: OperatingThreshold | null;
  };
  modelEpoch: number | null;
}

/** What `loadDetector` returns: where it is from, what it was trained on, and when it calls an image defective. */
export const displayDetector: Displayer = (object) => {
  const { run, config, detector } = object as Partial<Loaded>;
  const isLoaded =
    typeof run?.folder === 'string' &&
    typeof config?.config?.recipe === 'string' &&
    detector?.threshold !== undefined;
  return isLoaded ? displayLoaded(object as Loaded) : null;
};

function displayLoaded({ run, config, detector, modelEpoch }: Loaded): Displayable {
  const { student, autoEncoders, threshold } = detector;
  return factsTable(
    ['Detector', folderName(run.folder)],
    [
      ...runFacts(config),
      [
        'model',
        modelEpoch === null ? null : `of epoch ${modelEpoch} of ${epochsOf(config.config)}`,
      ],
      ['parameters of the student', student ? parameterCount(student) : null],
      ['parameters of the auto-encoders', autoEncoders && parameterCount(autoEncoders.store)],
      ['threshold', threshold === null ? 'none was set' : thresholdInWords(threshold)],
    ],
  );
}
