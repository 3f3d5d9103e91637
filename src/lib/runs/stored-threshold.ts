import * as fs from 'fs';
import { z } from 'zod';
import { thresholdSchema } from '../anomaly-map/threshold';
import type { OperatingThreshold } from '../anomaly-map/threshold';
import { FileError } from '../files/file-error';
import { sha256Of } from '../files/sha256';
import type { RunFolder } from '../training/run-folder';

/** Beside the model, which stays as training left it. */
const NAME = 'threshold.json';

const schema = z.object({
  /** SHA-256 of the model file that the threshold belongs to. */
  model: z.string(),
  threshold: thresholdSchema,
});

/** From now on this is the run's threshold, in place of the one that training has set. */
export function storeThreshold(run: RunFolder, threshold: OperatingThreshold): void {
  run.writeJson(NAME, { model: sha256Of(run.file('model.safetensors')), threshold });
}

/** The threshold that training has set is the run's again. */
export function forgetThreshold(run: RunFolder): void {
  run.remove(NAME);
}

/**
 * The threshold that was stored for the run; null where there is none.
 *
 * @throws FileError where the file is something else, or belongs to another model
 */
export function storedThreshold(run: RunFolder): OperatingThreshold | null {
  const file = run.file(NAME);
  if (!fs.existsSync(file)) return null;
  const result = schema.safeParse(run.readJson(NAME));
  if (!result.success) {
    const faults = result.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
    throw new FileError(file, 'the threshold of a run', faults.join('; ').trim());
  }
  const { model, threshold } = result.data;
  if (model !== sha256Of(run.file('model.safetensors'))) {
    throw new FileError(
      file,
      "the threshold of this run's model (`stfpm threshold` sets one, or delete the file)",
      'that of another model',
    );
  }
  return threshold;
}
