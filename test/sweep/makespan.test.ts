import assert from 'node:assert/strict';
import { makespan } from '../../src/lib/sweep/makespan';

const node = (id: string, seconds: number | null, ...needs: string[]) => ({
  ...{ id, name: id, needs, seconds },
});

describe('makespan', () => {
  it('is the sum on one worker, and the longest chain on many', () => {
    const nodes = [node('a', 3), node('b', 2, 'a'), node('c', 4), node('d', 1, 'b', 'c')];
    assert.deepEqual(makespan(nodes, { workers: 1 }), { seconds: 10, idle: 0 });
    // a, b and d beside c.
    assert.deepEqual(makespan(nodes, { workers: 2 }), { seconds: 6, idle: 1 - 10 / 12 });
    assert.equal(makespan(nodes, { workers: 100 }).seconds, 6);
    assert.equal(makespan(nodes, { workers: 1, overhead: 2 }).seconds, 18);
  });

  it('gives a free worker the first command of the plan that can begin', () => {
    const nodes = [node('short', 1), node('long', 10), node('next', 10, 'short'), node('last', 9)];
    // short and long; next at 1; last at 10 on the worker that long frees.
    assert.equal(makespan(nodes, { workers: 2 }).seconds, 19);
  });

  it('has no time for nothing, and refuses what it cannot know', () => {
    assert.deepEqual(makespan([], { workers: 3 }), { seconds: 0, idle: 0 });
    assert.throws(() => makespan([node('a', null)], { workers: 1 }), /a: expected an estimate/);
    assert.throws(() => makespan([node('a', 1, 'x')], { workers: 1 }), /cannot go on/);
    assert.throws(() => makespan([], { workers: 0 }), /at least 1 worker, found 0/);
  });
});
