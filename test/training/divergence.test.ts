import assert from 'node:assert/strict';
import { checkDivergence, checkState, TrainingDivergedError } from '../../src/lib/training/train';

describe('checkDivergence', () => {
  it('lets a loss pass that is at most so many times the lowest so far', () => {
    checkDivergence(100, undefined, 5, 1);
    checkDivergence(0.5, 0.1, 5, 7);
  });

  it('without a factor lets any finite loss pass, below 0 too', () => {
    checkDivergence(-1, -3, null, 7);
    checkDivergence(100, 0.1, null, 7);
    assert.throws(() => checkDivergence(NaN, -3, null, 7), TrainingDivergedError);
  });

  it('stops at a loss that is no finite number, or above that', () => {
    for (const loss of [NaN, Infinity, -Infinity]) {
      assert.throws(() => checkDivergence(loss, undefined, 5, 3), TrainingDivergedError);
    }
    assert.throws(() => checkDivergence(0.501, 0.1, 5, 7), {
      name: 'TrainingDivergedError',
      epoch: 7,
      loss: 0.501,
      message:
        'Training diverged in epoch 7: expected at most 5 times the lowest epoch loss, 0.1000, ' +
        'found a loss of 0.501. What was saved before is kept. ' +
        'A smaller learning rate or protocol B may help.',
    });
  });

  it('does not promise a state that no epoch has left', () => {
    assert.throws(
      () => checkDivergence(NaN, undefined, 5, 1),
      ({ message }: Error) => /found a loss of NaN/.test(message) && !/is kept/.test(message),
    );
  });
});

describe('checkState', () => {
  it('names the array that holds something else than finite numbers', () => {
    const good = { shape: [2], data: Float32Array.of(1, -2) };
    const bad = { shape: [2], data: Float32Array.of(1, -Infinity) };
    checkState(new Map([['good', good]]), 0.1, 2);
    const state = new Map([
      ['good', good],
      ['velocity.bad', bad],
    ]);
    assert.throws(() => checkState(state, 0.1, 2), {
      name: 'TrainingDivergedError',
      message:
        /epoch 2: expected finite numbers in "velocity\.bad", found -Infinity\. .*saved before is kept/,
    });
  });
});
