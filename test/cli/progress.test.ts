import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { openProgress } from '../../src/cli/terminal/progress';

describe('progress', () => {
  const { CI } = process.env;
  afterEach(() => {
    if (CI === undefined) delete process.env.CI;
    else process.env.CI = CI;
  });

  function stream(isTTY: boolean): {
    output: PassThrough & { isTTY: boolean };
    text: () => string;
  } {
    const output = Object.assign(new PassThrough(), { isTTY });
    // What a terminal's stream has, for the bar.
    Object.assign(output, { columns: 120, cursorTo() {}, clearLine() {}, moveCursor() {} });
    let text = '';
    output.on('data', (chunk) => (text += chunk));
    return { output, text: () => text };
  }

  it('writes one line a phase where there is no terminal, and the milestones', () => {
    const { output, text } = stream(false);
    const progress = openProgress(output);
    progress.update({ name: 'Reading', done: 1, total: 2 });
    progress.update({ name: 'Reading', done: 2, total: 2 });
    progress.update({ name: 'Training', done: 1, total: 4, unit: 'steps', note: 'loss 3' });
    progress.milestone('epoch 1');
    progress.stop();
    progress.stop();
    assert.equal(
      text().replace(/\d+(\.\d)? s\b/g, 'T'),
      'Reading: 2 (T)\nepoch 1\nTraining: 1 of 4 steps, loss 3 (T)\n',
    );
  });

  it('writes lines in continuous integration even to a terminal', () => {
    process.env.CI = 'true';
    const { output, text } = stream(true);
    const progress = openProgress(output);
    progress.update({ name: 'Reading', done: 1, total: 1 });
    progress.stop();
    assert.match(text(), /^Reading: 1 \(\d(\.\d)? s\)\n$/);
  });

  it('draws a bar on a terminal, without the milestones', () => {
    delete process.env.CI;
    const { output, text } = stream(true);
    const progress = openProgress(output);
    progress.update({ name: 'Reading', done: 1, total: 2, unit: 'images' });
    progress.update({ name: 'Training', done: 3, total: 4, doneBefore: 2, unit: 'steps' });
    progress.milestone('epoch 1');
    progress.line('Stopping');
    progress.stop();
    assert.match(text(), /Reading █+░+ +\d+% {2}(\d s left, )?1 of 2 images/);
    assert.match(text(), /Training █+░+ +\d+% {2}(\d s left, )?3 of 4 steps/);
    assert.match(text(), /Stopping\n/);
    assert.match(text(), /Training: 3 of 4 steps \(\d(\.\d)? s\)\n$/);
    assert.doesNotMatch(text(), /epoch 1/);
  });

  it('keeps the bar on one line of a narrow terminal', async () => {
    delete process.env.CI;
    const { output, text } = stream(true);
    Object.assign(output, { columns: 60 });
    const progress = openProgress(output);
    const note = 'epoch 3 of 100, loss 0.8440';
    // Hours are left, so the time wants the most room.
    for (let done = 300; done < 320; done++) {
      progress.update({ name: 'Training', done, total: 7e7, note });
      await delay(5);
    }
    progress.line('');
    const bars = text().match(/Training [█░]+[^\x1b\n]*/g) ?? [];
    assert.ok(bars.length > 0);
    for (const bar of bars) {
      assert.ok(bar.length < 60, bar);
      assert.match(bar, /loss 0\.8440/);
    }
    progress.stop();
  });
});
