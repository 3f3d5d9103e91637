import assert from 'node:assert/strict';
import { distil, distillationLoss } from '../../environment/teacher/distil';
import type { DistillationOptions } from '../../environment/teacher/distil';
import { distillationBatch } from '../../environment/teacher/views';
import { proceduralPicture } from '../../environment/teacher/procedural-picture';
import { tf } from '../../src/lib/engine/index';
import { IMAGENET_MEAN, IMAGENET_STD } from '../../src/lib/models/image-batch';
import {
  initialiseResNet18,
  resnet18,
  resnet18Layer,
  resnet18Stem,
} from '../../src/lib/models/resnet18';
import type { FeaturePyramid } from '../../src/lib/models/resnet18';
import { BatchStatistics } from '../../src/lib/models/batch-statistics';
import { ParameterStore } from '../../src/lib/models/parameter-store';
import { Random } from '../../src/lib/random/random';
import type { NamedArrays } from '../../src/lib/weights/named-arrays';
import { readSafetensors } from '../../src/lib/weights/safetensors';
import { temporaryFolder } from '../data/temporary-folder';
import { tensorCount } from '../engine/tensor-count';

const seeded = (seed: number) => Random.fromSeed(seed);
const groups = [{ weight: 1, pictures: [proceduralPicture(40, seeded(1))] }];

describe('distillationLoss', () => {
  const pyramid = (value: (i: number) => number): FeaturePyramid =>
    [4, 2, 1].map((side, level) => {
      const data = Float32Array.from({ length: side * side * 8 }, (_, i) => value(i + level));
      return tf.tensor4d(data, [1, side, side, 8]);
    }) as FeaturePyramid;
  const target = () => pyramid((i) => 1 + Math.sin(i));
  const lossOf = (features: FeaturePyramid) =>
    tf.tidy(() => distillationLoss(features, target()).dataSync()[0]);

  it('is 0 for a perfect copy and two a level for features that are nothing', () => {
    assert.equal(lossOf(target()), 0);
    assert.ok(Math.abs(lossOf(pyramid(() => 0)) - 6) < 1e-5);
  });

  it('sees a wrong length in the squared error alone: a quarter a level at half of it', () => {
    assert.ok(Math.abs(lossOf(pyramid((i) => (1 + Math.sin(i)) / 2)) - 0.75) < 1e-5);
  });
});

describe('distillationBatch', () => {
  const batch = (seed: number) => distillationBatch(groups, 6, 32, seeded(seed));

  it('depends on its stream alone', () => {
    assert.deepEqual(batch(1), batch(1));
    assert.notDeepEqual(batch(1), batch(2));
  });

  it('gives normalised pixels that were within 0 and 255', () => {
    const values = batch(3);
    assert.equal(values.length, 6 * 32 * 32 * 3);
    values.forEach((value, i) => {
      const pixel = 255 * (value * IMAGENET_STD[i % 3] + IMAGENET_MEAN[i % 3]);
      assert.ok(pixel > -0.01 && pixel < 255.01, `${pixel}`);
    });
  });
});

describe('distil', () => {
  const folder = temporaryFolder();
  const teacher = () => ParameterStore.fromArrays(initialiseResNet18(seeded(9)));
  const options = (rest: Partial<DistillationOptions> = {}): DistillationOptions => ({
    stages: [
      { until: 1, batchSize: 2, side: 32, levelwise: true },
      { until: 3, batchSize: 2, side: 32 },
      { until: 5, batchSize: 1, side: 48, frozenStatistics: true },
    ],
    seed: 4,
    ...rest,
  });

  it('goes on from where it was interrupted with the same numbers to the bit', async () => {
    const whole: number[] = [];
    const arrays = await distil(
      teacher(),
      groups,
      folder.path('whole'),
      options({ onStep: (_, loss) => whole.push(loss) }),
    );
    const stop = new AbortController();
    const parts: number[] = [];
    const onStep = (step: number, loss: number) => {
      parts.push(loss);
      if (step === 2) stop.abort();
    };
    const first = await distil(
      teacher(),
      groups,
      folder.path('parts'),
      options({ signal: stop.signal, onStep }),
    );
    assert.equal(first, null);
    assert.equal(parts.length, 2);
    const second = await distil(teacher(), groups, folder.path('parts'), options({ onStep }));
    assert.deepEqual(parts, whole);
    assert.deepEqual(second, arrays);
  });

  it("begins level by level: each level's layers get the teacher's level below", async () => {
    const losses: number[] = [];
    const stop = new AbortController();
    const onStep = (_: number, loss: number) => {
      losses.push(loss);
      stop.abort();
    };
    await distil(
      teacher(),
      groups,
      folder.path('levels'),
      options({ signal: stop.signal, onStep }),
    );
    const random = seeded(4).fork('distillation');
    const student = ParameterStore.fromArrays(initialiseResNet18(random.fork('student')));
    const views = distillationBatch(groups, 2, 32, random.fork('step 0'));
    const statistics = new BatchStatistics();
    const expected = tf.tidy(() => {
      const images = tf.tensor4d(views, [2, 32, 32, 3]);
      const target = resnet18(teacher(), images);
      const inputs = [resnet18Stem(student, images, statistics), target[0], target[1]];
      const features = inputs.map((x, i) => resnet18Layer(student, i, x, statistics));
      return distillationLoss(features as FeaturePyramid, target).dataSync()[0];
    });
    assert.deepEqual(losses, [expected]);
  });

  it('leaves the running statistics alone once they are frozen, and trains on', async () => {
    const stop = new AbortController();
    const onStep = (step: number) => {
      if (step === 3) stop.abort();
    };
    const at = folder.path('frozen');
    await distil(teacher(), groups, at, options({ signal: stop.signal, onStep }));
    const { arrays: before } = readSafetensors(`${at}/state.safetensors`);
    const after = (await distil(teacher(), groups, at, options())) as NamedArrays;
    for (const [name, { data }] of after) {
      const same = Buffer.from(data.buffer).equals(
        Buffer.from(before.get(name)!.data.slice().buffer),
      );
      assert.equal(same, name.includes('running_'), name);
    }
  });

  it('keeps the memory that a step took for no longer than the step', async () => {
    const counts: object[] = [];
    await distil(
      teacher(),
      groups,
      folder.path('memory'),
      options({ onStep: () => counts.push(tensorCount()) }),
    );
    assert.deepEqual(counts, new Array<object>(5).fill(counts[0]));
  });
});
