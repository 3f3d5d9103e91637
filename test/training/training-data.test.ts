import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertActivations, tf } from '../../src/lib/engine/index';
import { l2Normalise } from '../../src/lib/losses/similarity';
import { imageBatch } from '../../src/lib/models/image-batch';
import { ParameterStore } from '../../src/lib/models/parameter-store';
import { resnet18 } from '../../src/lib/models/resnet18';
import { levelShapes, pyramidBytes } from '../../src/lib/training/features';
import { TrainingData } from '../../src/lib/training/training-data';
import { assertArraysNear } from '../engine/assert-arrays-near';
import { tensorCount } from '../engine/tensor-count';
import { mixedIntegers } from '../metrics/mixed-integers';
import { backboneArrays } from '../models/fill';

describe('TrainingData', () => {
  // More images than the teacher sees at once.
  const [width, height, count] = [48, 32, 10];
  const data = Uint8Array.from(mixedIntegers(count * width * height * 3, 3));
  const stack = { count, width, height, data };
  let teacher: ParameterStore;

  before(() => {
    teacher = ParameterStore.fromArrays(backboneArrays(200));
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
      assert.equal(batch.images, batch.images);
      resnet18(teacher, images).forEach((level, i) => {
        const expected = l2Normalise(level);
        assert.deepEqual(batch.teacher[i].shape, expected.shape);
        assertArraysNear(batch.teacher[i].dataSync(), expected.dataSync(), 1e-5, `level ${i + 1}`);
      });
    });
    batch.dispose();
    prepared.dispose();
  });

  describe('past the budget of memory', () => {
    let folder: string;
    const bytes = count * pyramidBytes(levelShapes(stack));

    before(() => (folder = mkdtempSync(join(tmpdir(), 'stfpm-features-'))));
    after(() => rmSync(folder, { recursive: true }));

    for (const features of ['normalised', 'raw'] as const) {
      it(`gives the same ${features} features from disk, to the bit`, async () => {
        const options = { features, folder };
        const inMemory = await TrainingData.prepare(stack, teacher, {
          ...options,
          memoryBytes: bytes,
        });
        const onDisk = await TrainingData.prepare(stack, teacher, {
          ...options,
          memoryBytes: bytes - 1,
        });
        assert.deepEqual([inMemory.memoryBytes, onDisk.memoryBytes], [bytes, 0]);
        for (const indices of [[0], [9, 0, 7, 9], [8, 1]]) {
          const [expected, found] = [inMemory.batch(indices), onDisk.batch(indices)];
          assert.deepEqual(found.images.dataSync(), expected.images.dataSync());
          expected.teacher.forEach((level, i) => {
            assert.deepEqual(found.teacher[i].shape, level.shape);
            assert.deepEqual(found.teacher[i].dataSync(), level.dataSync());
          });
          expected.dispose();
          found.dispose();
        }
        inMemory.dispose();
        onDisk.dispose();
      });
    }

    for (const features of ['normalised', 'raw'] as const) {
      it(`keeps ${features} features in half of it as bfloat16, in memory and on disk`, async () => {
        const options = { features, folder };
        const low = { ...options, precision: 'bfloat16' } as const;
        const whole = await TrainingData.prepare(stack, teacher, options);
        const inMemory = await TrainingData.prepare(stack, teacher, low);
        const onDisk = await TrainingData.prepare(stack, teacher, { ...low, memoryBytes: 0 });
        assert.deepEqual([inMemory.memoryBytes, onDisk.memoryBytes], [bytes / 2, 0]);
        const indices = [9, 0, 7, 9];
        const batches = [whole, inMemory, onDisk].map((each) => each.batch(indices));
        const [expected, found, read] = batches.map(({ teacher }) => teacher);
        tf.tidy(() => {
          expected.forEach((level, i) => {
            const rounded = convertActivations(convertActivations(level, 'bfloat16'), 'float32');
            assert.deepEqual(found[i].shape, level.shape);
            assert.deepEqual(found[i].dataSync(), rounded.dataSync());
            assert.deepEqual(read[i].dataSync(), rounded.dataSync());
          });
        });
        for (const each of [...batches, whole, inMemory, onDisk]) each.dispose();
      });
    }

    it('holds no tensor between batches, and leaves no file behind', async () => {
      const before = tensorCount();
      for (const precision of ['float32', 'bfloat16'] as const) {
        const options = { memoryBytes: 0, folder, precision };
        const onDisk = await TrainingData.prepare(stack, teacher, options);
        assert.deepEqual(tensorCount(), before);
        onDisk.batch([3, 4]).dispose();
        assert.deepEqual(tensorCount(), before);
        assert.deepEqual(readdirSync(folder), []);
        onDisk.dispose();
      }
    });

    it('refuses images that there are not', async () => {
      for (const memoryBytes of [0, bytes]) {
        const prepared = await TrainingData.prepare(stack, teacher, { memoryBytes, folder });
        assert.throws(() => prepared.batch([count]), {
          name: 'RangeError',
          message: `Expected the index of one of ${count} images, found ${count}.`,
        });
        prepared.dispose();
      }
    });

    it('says how much disk is missing', async () => {
      const many = { ...stack, count: 1e12 };
      await assert.rejects(
        TrainingData.prepare(many, teacher, { memoryBytes: 0, folder }),
        /: expected \d+\.\d GB of free disk space for the teacher's features, found \d+\.\d GB\.$/,
      );
    });
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
    assert.equal(tensorCount().tensors, before + 3 * count);
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
