import assert from 'node:assert/strict';
import { cornerPoints } from '../../src/lib/metrics/curve';

describe('cornerPoints', () => {
  it('leaves out points on horizontal, vertical and sloping lines', () => {
    const x = Float64Array.of(0, 1, 2, 2, 2, 3, 5, 9);
    const y = Float64Array.of(0, 0, 0, 1, 4, 5, 7, 11);
    assert.deepEqual([...cornerPoints(x, y)], [0, 2, 4, 7]);
  });

  it('keeps a point that a long line passes by closely', () => {
    const x = Float64Array.of(0, 1_000_000, 2_000_001);
    const y = Float64Array.of(0, 1_000_000, 2_000_000);
    assert.deepEqual([...cornerPoints(x, y)], [0, 1, 2]);
  });

  it('keeps one point and two', () => {
    assert.deepEqual([...cornerPoints(Float64Array.of(3), Float64Array.of(4))], [0]);
    assert.deepEqual([...cornerPoints(Float64Array.of(3, 3), Float64Array.of(4, 4))], [0, 1]);
    assert.deepEqual([...cornerPoints(new Float64Array(0), new Float64Array(0))], []);
  });
});
