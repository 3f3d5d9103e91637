import assert from 'node:assert/strict';
import { cellSignal } from '../../../src/viz/notebook/cell-signal';

describe('cellSignal', () => {
  const key = Symbol.for('stfpm.signal');
  const world = globalThis as Record<symbol, unknown>;

  afterEach(() => {
    delete world[key];
  });

  it('is the signal that the kernel provides for the running cell', () => {
    const { signal } = new AbortController();
    world[key] = signal;
    assert.equal(cellSignal(), signal);
  });

  it('is undefined where there is no kernel', () => {
    assert.equal(cellSignal(), undefined);
  });
});
