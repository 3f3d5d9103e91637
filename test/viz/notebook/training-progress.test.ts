import assert from 'node:assert/strict';
import { JUPYTER_DISPLAY } from '../../../src/viz/display/mime-bundle';
import { progressBar, progressLine } from '../../../src/viz/notebook/progress-line';
import { trainingProgress } from '../../../src/viz/notebook/training-progress';
import { assertSvgSnapshot } from '../snapshot';

describe('progressLine', () => {
  it('has bar, epochs, loss, time of an epoch and time left', () => {
    assert.equal(
      progressLine({ epoch: 5, epochs: 20, loss: [3, 0.41237], secondsPerEpoch: 3.24 }),
      '█████░░░░░░░░░░░░░░░  epoch 5 of 20  loss 0.4124  3.2 s per epoch  49 s left',
    );
  });

  it('tells the whole time at the end, and only what is known at the start', () => {
    assert.match(
      progressLine({ epoch: 10, epochs: 10, loss: [1], secondsPerEpoch: 60 }),
      /10 min in all$/,
    );
    assert.match(progressLine({ epoch: 0, epochs: 10, loss: [] }), /░ {2}epoch 0 of 10$/);
  });

  it('has a bar that is full only at the end', () => {
    assert.equal(progressBar(99, 100), '█'.repeat(19) + '░');
    assert.equal(progressBar(100, 100), '█'.repeat(20));
    assert.equal(progressBar(0, 0), '░'.repeat(20));
  });
});

describe('trainingProgress', () => {
  const running = { epoch: 2, epochs: 4, loss: [3, 1.5], secondsPerEpoch: 2 };

  it('draws bar, facts and the loss so far', async () => {
    const svg = (await trainingProgress(running)).toSvg();
    assertSvgSnapshot('progress', svg);
  });

  it('is a picture and a line of text while the training runs', async () => {
    const bundle = (await trainingProgress(running))[JUPYTER_DISPLAY]();
    assert.deepEqual(Object.keys(bundle).sort(), ['image/png', 'text/plain']);
    assert.equal(bundle['text/plain'], progressLine(running));
  });

  it('ends with the chart itself', async () => {
    const finished = { ...running, epoch: 4, loss: [3, 1.5, 1, 0.9] };
    for (const progress of [
      await trainingProgress(finished),
      await trainingProgress(running, { finished: true }),
    ]) {
      assert.ok(progress[JUPYTER_DISPLAY]()['application/vnd.vegalite.v5+json']);
    }
  });
});
