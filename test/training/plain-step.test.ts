import assert from 'node:assert/strict';
import { tf } from '../../src/lib/engine/index';
import type { Tensor } from '../../src/lib/engine/index';
import { l2Normalise } from '../../src/lib/losses/similarity';
import { ParameterStore, toTorchLayout } from '../../src/lib/models/parameter-store';
import { resnet18 } from '../../src/lib/models/resnet18';
import type { FeaturePyramid } from '../../src/lib/models/resnet18';
import { BaselineRecipe } from '../../src/lib/training/baseline';
import { describeWithAndWithoutOneDnn } from '../engine/with-and-without-one-dnn';
import { fill, backboneArrays } from '../models/fill';
import { plainStep } from './plain-step';
import { relativeDistance } from './relative-distance';

const SETTINGS = { learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4 };
/** Of a whole array, in relation to its length. */
const TOLERANCE = 1e-5;
/** The same of what the step changes: most of it is the rounding of numbers near 1, which change by 1e-4. */
const CHANGE_TOLERANCE = 1e-3;

describeWithAndWithoutOneDnn("training by the library's own operations", () => {
  it("takes the steps of tfjs's, each network value within 1e-5", function () {
    this.timeout(60_000);
    const teacher = ParameterStore.fromArrays(backboneArrays(200));
    const student = ParameterStore.fromArrays(backboneArrays(300));
    const plain = ParameterStore.fromArrays(backboneArrays(300));
    const images = tf.tensor4d(fill([4, 64, 64, 3], 11, 2), [4, 64, 64, 3]);
    const features = tf.tidy(() => resnet18(teacher, images).map(l2Normalise)) as FeaturePyramid;
    const batch = { images, teacher: features };
    const recipe = new BaselineRecipe(student, SETTINGS);
    const velocities = new Map<string, Tensor>();

    for (let step = 1; step <= 2; step++) {
      const { loss } = recipe.step(batch);
      const expected = plainStep(plain, batch, SETTINGS, velocities);
      assert.ok(
        Math.abs(loss / expected.loss - 1) < TOLERANCE,
        `loss ${loss}, not ${expected.loss}`,
      );
      const model = recipe.model();
      assert.deepEqual([...expected.values.keys()].sort(), [...model.keys()].sort());
      for (const [name, value] of expected.values) {
        const variable = (plain.parameters.get(name) ?? plain.buffers.get(name))!;
        const [start, wanted] = [variable, value].map((tensor) => toTorchLayout(tensor).data);
        const found = model.get(name)!.data;
        const apart = relativeDistance(found, wanted);
        assert.ok(apart < TOLERANCE, `step ${step}, ${name}: ${apart} apart`);
        const change = (values: Float32Array) => values.map((number, i) => number - start[i]);
        const changesApart = relativeDistance(change(found), change(wanted));
        assert.ok(changesApart < CHANGE_TOLERANCE, `step ${step}, ${name}: by ${changesApart}`);
        variable.assign(value);
        value.dispose();
      }
    }
    tf.dispose([images, ...features, ...velocities.values()]);
    for (const each of [teacher, student, plain, recipe]) each.dispose();
  });
});
