import assert from 'node:assert/strict';
import { autoEncoderConfigSchema } from '../../src/lib/models/auto-encoder';
import { jointConfig, preTrainingConfig } from '../../src/lib/training/config';
import { JointRecipe } from '../../src/lib/training/joint';
import { PreTrainingRecipe } from '../../src/lib/training/pre-training';
import type { NamedArrays } from '../../src/lib/weights/named-arrays';
import { withoutOneDnn } from '../engine/with-and-without-one-dnn';
import { relativeDistance } from './relative-distance';
import { smallNetworks } from './small-networks';

const CONFIG = autoEncoderConfigSchema.parse({});
const TOLERANCE = 1e-5;

/** The networks after one step, and what the optimisers keep: the gradients, before a rate makes them small. */
const STEPS: Record<string, () => NamedArrays> = {
  'pre-training': () => {
    const { autoEncoders, rawBatch, dispose } = smallNetworks(CONFIG);
    const recipe = new PreTrainingRecipe(autoEncoders, preTrainingConfig({ category: 'x' }));
    recipe.step(rawBatch);
    const state = recipe.state();
    recipe.dispose();
    dispose();
    return state;
  },
  'joint training': () => {
    const { student, autoEncoders, batch, dispose } = smallNetworks(CONFIG);
    const settings = jointConfig({ category: 'x' });
    const recipe = new JointRecipe(student, autoEncoders, settings);
    recipe.step(batch, settings.frozenEpochs + 1);
    const state = recipe.state();
    recipe.dispose();
    dispose();
    return state;
  },
};

describe("a step with oneDNN's own ops and without them", () => {
  for (const [name, step] of Object.entries(STEPS)) {
    it(`of ${name} has the same gradients and leads to the same networks, within 1e-5`, function () {
      this.timeout(60_000);
      const [found, expected] = [step(), withoutOneDnn(step)];
      assert.deepEqual([...found.keys()], [...expected.keys()]);
      for (const [array, { data }] of expected) {
        const apart = relativeDistance(found.get(array)!.data, data);
        assert.ok(apart < TOLERANCE, `${array}: ${apart} apart`);
      }
    });
  }
});
