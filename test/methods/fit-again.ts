import assert from 'node:assert/strict';
import type {
  AnomalyMethod,
  FitContext,
  Fitted,
  MethodSettings,
  NormalImages,
  Stopped,
} from '../../src/lib/methods/method';
import type { ParameterStore } from '../../src/lib/models/parameter-store';
import { RunFolder } from '../../src/lib/training/run-folder';
import type { NamedArrays } from '../../src/lib/weights/named-arrays';
import { readSafetensors } from '../../src/lib/weights/safetensors';

/**
 * Asserts that a training which is stopped after each of its steps in turn ends with the model, the state and the
 * records of one that is never stopped, and that its model is the one in its folder.
 */
export async function fitAgainAndAgain<Config extends MethodSettings>(
  method: AnomalyMethod<Config>,
  images: NormalImages,
  config: Config,
  inFolder: (name: string) => string,
): Promise<void> {
  const fit = (name: string, options: Partial<FitContext> = {}) =>
    method.fit(images, config, {
      teacher: null as unknown as ParameterStore,
      run: new RunFolder(inFolder(name)),
      header: {},
      ...options,
    });
  let steps = 0;
  const whole = await fit('whole', { onStep: () => steps++ });
  const outcome = (name: string) => {
    const run = new RunFolder(inFolder(name));
    const { arrays, progress } = run.loadState()!;
    const records = run.readEpochs().map((record) => ({ ...record, seconds: 0 }));
    const file = readSafetensors(run.file('model.safetensors')).arrays;
    return { arrays, step: progress.step, records, file };
  };
  const expected = outcome('whole');
  assert.deepEqual(byName(expected.file), byName(modelOf(whole)));
  for (const last of [1, steps - 1]) {
    const name = `stopped after ${last}`;
    const controller = new AbortController();
    let taken = 0;
    const stopped = await fit(name, {
      signal: controller.signal,
      onStep: () => {
        if (++taken === last) controller.abort();
      },
    });
    assert.equal(stopped.status, 'interrupted');
    assert.deepEqual(modelOf(await fit(name)), modelOf(whole));
    assert.deepEqual(outcome(name), expected);
  }
}

/** The model of a training that came to its end. */
export function modelOf(fitted: Fitted | Stopped): NamedArrays {
  assert.equal(fitted.status, 'finished');
  return (fitted as Fitted).model;
}

const byName = (arrays: NamedArrays) => Object.fromEntries(arrays);
