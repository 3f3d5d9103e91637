import assert from 'node:assert/strict';
import { tf } from '../../src/lib/engine/index';
import type { Tensor } from '../../src/lib/engine/index';
import { ParameterStore, toEngineLayout } from '../../src/lib/models/parameter-store';
import { clipping, Sgd } from '../../src/lib/training/optimisers';
import type { SgdOptions } from '../../src/lib/training/optimisers';
import { assertArraysNear } from '../engine/assert-arrays-near';
import { readGolden } from '../engine/golden';
import { assertNoTensorLeak, tensorCount } from '../engine/tensor-count';
import { fill } from '../models/fill';

const SHAPES: Record<string, number[]> = { matrix: [3, 2], vector: [5], filter: [2, 3, 3, 2] };

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

function step(optimiser: Sgd, index: number): void {
  tf.tidy(() => optimiser.step(gradientsOf(index)));
}

const DECAYING: SgdOptions = { learningRate: 0.4, momentum: 0.9, weightDecay: 1e-2 };

describe('Sgd', () => {
  const golden = readGolden<Record<string, number[][]>>('training', 'sgd.json');
  const settings: [string, number, SgdOptions][] = [
    ['with momentum and weight decay', 4, DECAYING],
    ['with momentum alone', 4, { learningRate: 0.1, momentum: 0.5, weightDecay: 0 }],
    ['with neither', 2, { learningRate: 0.1, momentum: 0, weightDecay: 0 }],
  ];
  for (const [name, steps, options] of settings) {
    it(`takes PyTorch's steps, ${name}`, () => {
      const store = parameters();
      const optimiser = new Sgd(store.parameters, options);
      for (let index = 0; index < steps; index++) step(optimiser, index);
      [...store.toArrays().values()].forEach(({ data }, i) => {
        assertArraysNear(data, golden[name][i], 1e-6, Object.keys(SHAPES)[i]);
      });
      optimiser.dispose();
      store.dispose();
    });
  }

  it("takes PyTorch's steps with clipped gradients: weight decay is not clipped", () => {
    const store = parameters();
    const optimiser = new Sgd(store.parameters, DECAYING);
    for (let index = 0; index < 4; index++) {
      tf.tidy(() => {
        const gradients = gradientsOf(index);
        optimiser.step(gradients, clipping(gradients.values(), 0.5).scale);
      });
    }
    [...store.toArrays().values()].forEach(({ data }, i) => {
      assertArraysNear(data, golden['with clipping'][i], 1e-6, Object.keys(SHAPES)[i]);
    });
    optimiser.dispose();
    store.dispose();
  });

  it('goes on from its saved state with the same numbers', () => {
    const store = parameters();
    const optimiser = new Sgd(store.parameters, DECAYING);
    step(optimiser, 0);
    step(optimiser, 1);
    const [values, velocities] = [store.toArrays(), optimiser.state()];
    step(optimiser, 2);
    const expected = store.toArrays();

    const resumed = new Sgd(store.parameters, DECAYING);
    store.assign(values);
    resumed.restore(velocities);
    step(resumed, 2);
    assert.deepEqual(store.toArrays(), expected);
    optimiser.dispose();
    resumed.dispose();
    store.dispose();
  });

  it('says which gradient or which velocity is missing or does not fit, and changes nothing', () => {
    const store = parameters();
    const optimiser = new Sgd(store.parameters, DECAYING);
    step(optimiser, 0);
    const [values, before] = [store.toArrays(), optimiser.state()];
    tf.tidy(() => {
      const gradients = gradientsOf(1);
      gradients.delete('filter');
      assert.throws(() => optimiser.step(gradients), /No gradient for the parameter "filter"/);
    });
    const short = new Map(before);
    short.delete('filter');
    assert.throws(() => optimiser.restore(short), /velocity of "filter" .* found nothing/);
    const wrong = new Map(before).set('filter', { shape: [1], data: new Float32Array(1) });
    assert.throws(
      () => optimiser.restore(wrong),
      /velocity of "filter" should have shape \[2, 3, 3, 2\], found \[1\]/,
    );
    assert.deepEqual(optimiser.state(), before);
    assert.deepEqual(store.toArrays(), values);
    optimiser.dispose();
    store.dispose();
  });

  it('leaves no tensor behind in a step, and none at all when disposed of', () => {
    const before = tensorCount();
    const store = parameters();
    const optimiser = new Sgd(store.parameters, DECAYING);
    assertNoTensorLeak(() => step(optimiser, 0));
    optimiser.restore(optimiser.state());
    optimiser.dispose();
    store.dispose();
    assert.deepEqual(tensorCount(), before);
  });
});
