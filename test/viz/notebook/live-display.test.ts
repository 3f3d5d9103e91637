import assert from 'node:assert/strict';
import { liveDisplay } from '../../../src/viz/notebook/live-display';
import { JUPYTER_DISPLAY } from '../../../src/viz/display/mime-bundle';
import { fakeNotebook } from './fake-notebook';

/** So long that no test lives to see the end of it. */
const never = 1e9;

describe('liveDisplay', () => {
  const { sent } = fakeNotebook();
  const texts = (): string[] => sent.map(({ message }) => message.data['text/plain']);

  it('opens one output and replaces it in place', async () => {
    const live = liveDisplay({ interval: 0 });
    live.update('one');
    live.update('two');
    await live.done('three');
    assert.deepEqual(texts(), ['one', 'two', 'three']);
    assert.deepEqual(
      sent.map(({ update }) => update),
      [false, true, true],
    );
    const ids = new Set(sent.map(({ message }) => message.transient.display_id));
    assert.equal(ids.size, 1);
    assert.ok([...ids][0]);
  });

  it('has an output of its own each time', async () => {
    await liveDisplay().done('one');
    await liveDisplay().done('two');
    assert.notEqual(sent[0].message.transient.display_id, sent[1].message.transient.display_id);
  });

  it('shows the first at once, and of those within the interval the last when it is done', async () => {
    const live = liveDisplay({ interval: never });
    for (const text of ['one', 'two', 'three']) live.update(text);
    await live.done();
    assert.deepEqual(texts(), ['one', 'three']);
  });

  it('shows the last of an interval when it is over', async () => {
    const live = liveDisplay({ interval: 1 });
    live.update('one');
    live.update('two');
    while (sent.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    assert.deepEqual(texts(), ['one', 'two']);
    await live.done();
    assert.equal(sent.length, 2);
  });

  it('makes only what it shows', async () => {
    const made: number[] = [];
    const live = liveDisplay({ interval: never });
    for (const i of [1, 2, 3]) live.update(() => made.push(i));
    await live.done();
    assert.deepEqual(made, [1, 3]);
  });

  it('keeps the order, however long each takes to make', async () => {
    const live = liveDisplay({ interval: 0 });
    live.update(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { [JUPYTER_DISPLAY]: () => ({ 'text/plain': 'slow' }) };
    });
    live.update('quick');
    await live.done();
    assert.deepEqual(texts(), ['slow', 'quick']);
  });

  it('ignores what comes after the end', async () => {
    const live = liveDisplay({ interval: 0 });
    await live.done('end');
    live.update('late');
    await live.done('later');
    assert.deepEqual(texts(), ['end']);
  });

  it('shows nothing where there was nothing to show', async () => {
    await liveDisplay().done();
    assert.equal(sent.length, 0);
  });

  it('goes on after a failed update, and tells of it at the end', async () => {
    const live = liveDisplay({ interval: 0 });
    live.update(() => {
      throw new Error('no chart');
    });
    live.update('two');
    await assert.rejects(live.done('end'), /no chart/);
    assert.deepEqual(texts(), ['two', 'end']);
    assert.equal(sent[0].update, false);
  });
});
