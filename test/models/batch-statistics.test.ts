import { tf } from '../../src/lib/engine/index';
import { BatchStatistics } from '../../src/lib/models/batch-statistics';
import { ParameterStore } from '../../src/lib/models/parameter-store';
import { assertArraysNear } from '../engine/assert-arrays-near';
import { assertNoTensorLeak } from '../engine/tensor-count';

describe('BatchStatistics', () => {
  const store = () =>
    ParameterStore.fromArrays(
      new Map([
        ['bn.running_mean', { shape: [2], data: Float32Array.of(0, 10) }],
        ['bn.running_var', { shape: [2], data: Float32Array.of(1, 2) }],
      ]),
    );
  const record = (statistics: BatchStatistics, mean: number[], variance: number[]) =>
    tf.tidy(() => statistics.record('bn', tf.tensor1d(mean), tf.tensor1d(variance)));

  it("moves the running statistics a tenth of the way to the batch's, once", () => {
    const target = store();
    const statistics = new BatchStatistics();
    record(statistics, [5, 0], [2, 4]);
    statistics.applyTo(target);
    statistics.applyTo(target);
    assertArraysNear(target.get('bn.running_mean').dataSync(), [0.5, 9], 1e-6);
    assertArraysNear(target.get('bn.running_var').dataSync(), [1.1, 2.2], 1e-6);
    target.dispose();
  });

  it('keeps the last of two forward passes, and no tensor of the first', () => {
    const target = store();
    assertNoTensorLeak(() => {
      const statistics = new BatchStatistics();
      record(statistics, [1, 1], [1, 1]);
      record(statistics, [0, 0], [0, 0]);
      statistics.applyTo(target);
    });
    assertArraysNear(target.get('bn.running_mean').dataSync(), [0, 10 * 0.9 ** 3], 1e-6);
    target.dispose();
  });

  it('ignores batch norms that the store does not have', () => {
    const target = store();
    const statistics = new BatchStatistics();
    tf.tidy(() => statistics.record('other', tf.tensor1d([1]), tf.tensor1d([1])));
    statistics.applyTo(target);
    assertArraysNear(target.get('bn.running_mean').dataSync(), [0, 10], 0);
    target.dispose();
  });
});
