import assert from 'node:assert/strict';
import { autoEncoderConfigSchema } from '../../src/lib/models/auto-encoder';
import type { AutoEncoderConfigInput } from '../../src/lib/models/auto-encoder';
import { BaselineRecipe } from '../../src/lib/training/baseline';
import { baselineConfig, jointConfig, preTrainingConfig } from '../../src/lib/training/config';
import { JointRecipe } from '../../src/lib/training/joint';
import { PreTrainingRecipe } from '../../src/lib/training/pre-training';
import type { Batch, Recipe } from '../../src/lib/training/recipe';
import type { NamedArrays } from '../../src/lib/weights/named-arrays';
import { tensorCount } from '../engine/tensor-count';
import { relativeDistance } from './relative-distance';
import { smallNetworks } from './small-networks';
import type { SmallNetworks } from './small-networks';

type Precision = 'float32' | 'bfloat16';

interface Case {
  autoEncoder?: AutoEncoderConfigInput;
  recipe: (networks: SmallNetworks, precision: Precision) => Recipe;
  batch: (networks: SmallNetworks) => Batch;
}

const category = 'x';

/** What optimisers keep of the first step's gradients, before a rate makes them small. */
const GRADIENTS = /^(velocity|adam\.mean)\./;

const jointOf = ({ student, autoEncoders }: SmallNetworks, precision: Precision) =>
  new JointRecipe(student, autoEncoders, jointConfig({ category, precision, frozenEpochs: 0 }));

const CASES: Record<string, Case> = {
  STFPM: {
    recipe: ({ student }, precision) =>
      new BaselineRecipe(student, baselineConfig({ category, precision })),
    batch: ({ batch }) => batch,
  },
  'pre-training': {
    recipe: ({ autoEncoders }, precision) =>
      new PreTrainingRecipe(autoEncoders, preTrainingConfig({ category, precision })),
    batch: ({ rawBatch }) => rawBatch,
  },
  'joint training': { recipe: jointOf, batch: ({ batch }) => batch },
  'joint training with a mirrored margin': {
    autoEncoder: { crop: 4 },
    recipe: jointOf,
    batch: ({ batch }) => batch,
  },
};

describe('a training step in bfloat16', () => {
  for (const [name, { autoEncoder = {}, recipe: recipeOf, batch }] of Object.entries(CASES)) {
    it(`of ${name} is that in float32, but for rounding, and leaves nothing behind`, function () {
      this.timeout(120_000);
      const step = (precision: Precision): { loss: number; state: NamedArrays } => {
        const networks = smallNetworks(autoEncoderConfigSchema.parse(autoEncoder));
        const recipe = recipeOf(networks, precision);
        const { loss } = recipe.step(batch(networks), 1);
        const state = recipe.state();
        const before = tensorCount();
        recipe.step(batch(networks), 1);
        assert.deepEqual(tensorCount(), before);
        recipe.dispose();
        networks.dispose();
        return { loss, state };
      };
      const [low, high] = [step('bfloat16'), step('float32')];
      assert.notEqual(low.loss, high.loss);
      assert.ok(Math.abs(low.loss / high.loss - 1) < 1e-3, `${low.loss} and ${high.loss}`);
      assert.deepEqual([...low.state.keys()], [...high.state.keys()]);
      // Sums of thousands of gradients of either sign, each rounded to 8 bits.
      const [gradients, networks] = [true, false].map((ofGradients) =>
        distanceOver(
          low.state,
          high.state,
          (array) => GRADIENTS.test(array) === ofGradients && !array.startsWith('adam.square'),
        ),
      );
      assert.ok(gradients < 0.4, `gradients: ${gradients} apart`);
      assert.ok(networks < 0.005, `networks: ${networks} apart`);
    });
  }
});

/** ||found - expected|| / ||expected|| over all arrays with such names. */
function distanceOver(
  found: NamedArrays,
  expected: NamedArrays,
  isMeant: (name: string) => boolean,
): number {
  let [squares, length] = [0, 0];
  for (const [name, { data }] of expected) {
    if (!isMeant(name)) continue;
    const square = data.reduce((sum, value) => sum + value ** 2, 0);
    if (square === 0) continue;
    squares += relativeDistance(found.get(name)!.data, data) ** 2 * square;
    length += square;
  }
  return Math.sqrt(squares / length);
}
