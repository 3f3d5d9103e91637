import assert from 'node:assert/strict';
import { autoEncoderConfigSchema } from '../../src/lib/models/auto-encoder-config';
import { jointConfig, preTrainingConfig } from '../../src/lib/training/config';
import { JointRecipe } from '../../src/lib/training/joint';
import { PreTrainingRecipe } from '../../src/lib/training/pre-training';
import type { NamedArrays } from '../../src/lib/weights/tensor-file';
import { withoutOneDnn } from '../engine/with-and-without-one-dnn';
import { smallNetworks } from './small-networks';

const CONFIG = autoEncoderConfigSchema.parse({});
const TOLERANCE = 1e-5;

function distance(found: Float32Array, expected: Float32Array): number {
  const differences = found.map((value, i) => value - expected[i]);
  return Math.hypot(...chunked(differences)) / Math.hypot(...chunked(expected));
}

/** Lengths of pieces: `Math.hypot` takes no millions of arguments. */
function chunked(values: Float32Array): number[] {
  const lengths: number[] = [];
  for (let i = 0; i < values.length; i += 1000) {
    lengths.push(Math.hypot(...values.subarray(i, i + 1000)));
  }
  return lengths;
}

/** All networks after one step. */
const STEPS: Record<string, () => NamedArrays> = {
  'pre-training': () => {
    const { autoEncoders, rawBatch, dispose } = smallNetworks(CONFIG);
    const recipe = new PreTrainingRecipe(autoEncoders, preTrainingConfig({ category: 'x' }));
    recipe.step(rawBatch);
    const model = recipe.model();
    recipe.dispose();
    dispose();
    return model;
  },
  'joint training': () => {
    const { student, autoEncoders, batch, dispose } = smallNetworks(CONFIG);
    const settings = jointConfig({ category: 'x' });
    const recipe = new JointRecipe(student, autoEncoders, settings);
    recipe.step(batch, settings.frozenEpochs + 1);
    const model = recipe.model();
    recipe.dispose();
    dispose();
    return model;
  },
};

describe("a step with oneDNN's own ops and without them", () => {
  for (const [name, step] of Object.entries(STEPS)) {
    it(`of ${name} leads to the same networks within 1e-5`, function () {
      this.timeout(60_000);
      const [found, expected] = [step(), withoutOneDnn(step)];
      assert.deepEqual([...found.keys()], [...expected.keys()]);
      for (const [array, { data }] of expected) {
        const apart = distance(found.get(array)!.data, data);
        assert.ok(apart < TOLERANCE, `${array}: ${apart} apart`);
      }
    });
  }
});
