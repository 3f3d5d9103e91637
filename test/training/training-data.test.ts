import assert from 'node:assert/strict';
import { tf } from '../../src/lib/engine/index';
import { l2Normalise } from '../../src/lib/losses/l2-normalise';
import { imageBatch } from '../../src/lib/models/image-batch';
import { ParameterStore } from '../../src/lib/models/parameter-store';
import { resnet18 } from '../../src/lib/models/resnet18';
import { TrainingData } from '../../src/lib/training/training-data';
import { assertArraysNear } from '../engine/assert-arrays-near';
import { tensorCount } from '../engine/tensor-count';
import { mixedIntegers } from '../metrics/mixed-integers';
import { trunkArrays } from '../models/fill';

describe('TrainingData', () => {
  // More images than the teacher sees at once.
  const [width, height, count] = [48, 32, 10];
  const data = Uint8Array.from(mixedIntegers(count * width * height * 3, 3));
  const stack = { count, width, height, data };
  let teacher: ParameterStore;

  before(() => {
    teacher = ParameterStore.fromArrays(trunkArrays(200));
  });

  after(() => teacher.dispose());

  it("gives images with the teacher's normalised features of these very images, in order", async () => {
    const prepared = await TrainingData.prepare(stack, teacher);
    assert.equal(prepared.count, count);
    const indices = [9, 0, 7, 9];
    const batch = prepared.batch(indices);
    tf.tidy(() => {
      const images = imageBatch(stack, indices);
      assert.deepEqual(batch.images.dataSync(), images.dataSync());
      resnet18(teacher, images).forEach((level, i) => {
        const expected = l2Normalise(level);
        assert.deepEqual(batch.teacher[i].shape, expected.shape);
        assertArraysNear(batch.teacher[i].dataSync(), expected.dataSync(), 1e-5, `level ${i + 1}`);
      });
    });
    batch.dispose();
    prepared.dispose();
  });

  it('reports its progress, and gives back every tensor when disposed of', async () => {
    const before = tensorCount().tensors;
    const progress: number[][] = [];
    const prepared = await TrainingData.prepare(stack, teacher, {
      onProgress: (...numbers) => progress.push(numbers),
    });
    assert.deepEqual(progress, [
      [8, 10],
      [10, 10],
    ]);
    assert.equal(tensorCount().tensors, before + 3);
    prepared.batch([0, 1]).dispose();
    prepared.dispose();
    assert.equal(tensorCount().tensors, before);
  });

  it('stops when asked to, and leaves no tensor behind', async () => {
    const before = tensorCount().tensors;
    const controller = new AbortController();
    const stopped = TrainingData.prepare(stack, teacher, {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await assert.rejects(stopped, { name: 'AbortError' });
    assert.equal(tensorCount().tensors, before);
  });
});
