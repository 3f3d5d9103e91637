import assert from 'node:assert/strict';
import { tf } from '../../src/lib/engine/index';
import type { Tensor } from '../../src/lib/engine/index';
import { ParameterStore, toEngineLayout } from '../../src/lib/models/parameter-store';
import { Adam } from '../../src/lib/training/optimisers';
import { assertArraysNear } from '../engine/assert-arrays-near';
import { readGolden } from '../engine/golden';
import { assertNoTensorLeak, tensorCount } from '../engine/tensor-count';
import { fill } from '../models/fill';

const SHAPES: Record<string, number[]> = { matrix: [3, 2], vector: [5], filter: [2, 3, 3, 2] };
const OPTIONS = { learningRate: 1e-2 };

const parameters = () =>
  ParameterStore.fromArrays(
    new Map(
      Object.entries(SHAPES).map(([name, shape], i) => [
        name,
        { shape, data: fill(shape, 80 + i) },
      ]),
    ),
  );

function gradientsOf(index: number): Map<string, Tensor> {
  return new Map(
    Object.entries(SHAPES).map(([name, shape], i) => [
      name,
      toEngineLayout({ shape, data: fill(shape, 90 + 4 * index + i) }),
    ]),
  );
}

function step(optimiser: Adam, index: number): void {
  tf.tidy(() => optimiser.step(gradientsOf(index)));
}

describe('Adam', () => {
  const golden = readGolden<Record<'1' | '5', number[][]>>('training', 'adam.json');

  for (const steps of [1, 5] as const) {
    it(`takes PyTorch's steps (${steps})`, () => {
      const store = parameters();
      const adam = new Adam(store.parameters, OPTIONS);
      for (let index = 0; index < steps; index++) step(adam, index);
      [...store.toArrays().values()].forEach(({ data }, i) => {
        assertArraysNear(data, golden[steps][i], 1e-6, Object.keys(SHAPES)[i]);
      });
      adam.dispose();
      store.dispose();
    });
  }

  it('goes on from its saved state with the same numbers, the count of steps included', () => {
    const store = parameters();
    const adam = new Adam(store.parameters, OPTIONS);
    step(adam, 0);
    step(adam, 1);
    const [values, state] = [store.toArrays(), adam.state()];
    step(adam, 2);
    const expected = [store.toArrays(), adam.state()];

    const resumed = new Adam(store.parameters, OPTIONS);
    store.assign(values);
    resumed.restore(state);
    step(resumed, 2);
    assert.deepEqual([store.toArrays(), resumed.state()], expected);
    adam.dispose();
    resumed.dispose();
    store.dispose();
  });

  it('says which gradient or which moment is missing or does not fit, and changes nothing', () => {
    const store = parameters();
    const adam = new Adam(store.parameters, OPTIONS);
    step(adam, 0);
    const [values, before] = [store.toArrays(), adam.state()];
    for (const missing of ['mean.filter', 'square.vector', 'steps']) {
      const short = new Map(before);
      short.delete(missing);
      assert.throws(() => adam.restore(short), new RegExp(`"${missing}" .* found nothing`));
    }
    const wrong = new Map(before).set('square.filter', { shape: [1], data: new Float32Array(1) });
    assert.throws(
      () => adam.restore(wrong),
      /"square\.filter" should have shape \[2, 3, 3, 2\], found \[1\]/,
    );
    tf.tidy(() => {
      const gradients = gradientsOf(1);
      gradients.delete('filter');
      assert.throws(() => adam.step(gradients), /No gradient for the parameter "filter"/);
    });
    assert.deepEqual(adam.state(), before);
    assert.deepEqual(store.toArrays(), values);
    adam.dispose();
    store.dispose();
  });

  it('leaves no tensor behind in a step, and none at all when disposed of', () => {
    const before = tensorCount();
    const store = parameters();
    const adam = new Adam(store.parameters, OPTIONS);
    assertNoTensorLeak(() => step(adam, 0));
    adam.restore(adam.state());
    adam.dispose();
    store.dispose();
    assert.deepEqual(tensorCount(), before);
  });

  it('decays weights apart from the gradient, as AdamW does, at the rate of the step', () => {
    const plain = parameters();
    const decayed = parameters();
    const before = plain.toArrays();
    tf.tidy(() => new Adam(plain.parameters, OPTIONS).step(gradientsOf(1), 0.02));
    tf.tidy(() =>
      new Adam(decayed.parameters, { ...OPTIONS, weightDecay: 0.5 }).step(gradientsOf(1), 0.02),
    );
    for (const [name, { data }] of decayed.toArrays()) {
      const expected = plain
        .toArrays()
        .get(name)!
        .data.map((value, i) => value - 0.02 * 0.5 * before.get(name)!.data[i]);
      assertArraysNear(data, expected, 1e-6);
    }
    // The first step of Adam is as long as its rate.
    const [first] = [...before].map(([name, { data }]) =>
      Math.abs(plain.toArrays().get(name)!.data[0] - data[0]),
    );
    assert.ok(Math.abs(first - 0.02) < 1e-5, `${first}`);
  });
});
