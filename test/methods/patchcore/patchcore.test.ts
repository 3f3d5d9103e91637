import assert from 'node:assert/strict';
import { gaussianBlur } from '../../../src/lib/anomaly-map/gaussian-blur';
import { createDetector } from '../../../src/lib/anomaly-map/detect';
import type { AnomalyDetector } from '../../../src/lib/anomaly-map/detect';
import { tf } from '../../../src/lib/engine/index';
import type { Tensor4D } from '../../../src/lib/engine/index';
import { methodConfig } from '../../../src/lib/methods/index';
import { greedyCoreset } from '../../../src/lib/methods/patchcore/coreset';
import { PATCHCORE, weightedScore } from '../../../src/lib/methods/patchcore/patchcore';
import type { PatchCoreConfig } from '../../../src/lib/methods/patchcore/patchcore';
import { joinedLevels } from '../../../src/lib/methods/patchcore/patch-features';
import { patchCoreGraph } from '../../../src/lib/methods/patchcore/patchcore-graph';
import { ParameterStore } from '../../../src/lib/models/parameter-store';
import { encodeDetector, sidesOf } from '../../../src/lib/onnx/export';
import { createOnnxDetector } from '../../../src/lib/onnx/onnx-detector';
import { Random } from '../../../src/lib/random/random';
import { NearestNeighbours } from '../../../src/lib/statistics/nearest';
import type { NamedArrays } from '../../../src/lib/weights/named-arrays';
import { RunFolder } from '../../../src/lib/training/run-folder';
import { assertArraysNear } from '../../engine/assert-arrays-near';
import { tensorCount } from '../../engine/tensor-count';
import golden from '../../fixtures/methods/patchcore.json';
import { mixedIntegers } from '../../metrics/mixed-integers';
import { backboneArrays, fill } from '../../models/fill';
import { modelOf } from '../fit-again';

describe('PatchCore', () => {
  const points = ([count, dimensions]: number[], stream: number) => ({
    count,
    dimensions,
    data: fill([count, dimensions], stream),
  });
  const memory = points(golden.memory, 510);

  it('describes a patch by averaged levels, side by side, as PyTorch does', () => {
    const tensors = golden.levels.map((shape, i) =>
      tf.tensor4d(fill(shape, 500 + i), shape as Tensor4D['shape']),
    );
    const joined = joinedLevels(tensors);
    assert.deepEqual(joined.shape, [2, 6, 8, 8]);
    assertArraysNear(joined.dataSync(), golden.joined, 1e-5);
    tf.dispose([joined, ...tensors]);
  });

  it('scores an image by its worst patch, weighted by the entries around (Eq. 6 and 7)', () => {
    const patches = points(golden.patches, 511);
    const nearest = new NearestNeighbours(memory);
    const found = nearest.find(patches, 1);
    assertArraysNear(found.distances, golden.distances, 1e-6);
    assert.ok(Math.abs(weightedScore(patches, found, nearest, 9) / golden.score - 1) < 1e-6);
    // Without neighbours there is nothing to weight by.
    assert.equal(weightedScore(patches, found, nearest, 1), Math.max(...found.distances));
    nearest.dispose();
  });

  it('keeps the greedy k-centre subset (Algorithm 1)', async () => {
    const firsts = new Set<number>();
    for (let seed = 0; seed < 8; seed++) {
      const before = tensorCount();
      const chosen = await greedyCoreset(memory, 12, Random.fromSeed(seed));
      assert.deepEqual(tensorCount(), before);
      assert.deepEqual([...chosen], golden.coreset[chosen[0]]);
      firsts.add(chosen[0]);
    }
    assert.ok(firsts.size > 3);
    await assert.rejects(greedyCoreset(memory, 41, Random.fromSeed(0)), /subset of 1 to 40 points/);
  });

  it('compares many dimensions after a random projection, which changes distances little', async () => {
    const many = points([60, 384], 520);
    const chosen = await greedyCoreset(many, 30, Random.fromSeed(1));
    assert.equal(new Set(chosen).size, 30);
  });

  it('smooths a map as SciPy does, mirrored at its borders', () => {
    const [height, width] = golden.image;
    for (const [sigma, expected] of Object.entries(golden.blurred)) {
      const blurred = gaussianBlur(fill(golden.image, 512), { height, width }, Number(sigma));
      assertArraysNear(blurred, expected, 1e-5, `sigma ${sigma}`);
    }
  });

  describe('as a detector', () => {
    const size = { height: 64, width: 64 };
    const stackOf = (count: number, stream: number) => ({
      count,
      ...size,
      data: Uint8Array.from(mixedIntegers(count * 64 * 64 * 3, stream), (value) => value & 127),
    });
    const train = stackOf(5, 1);
    const teacherArrays = backboneArrays(200);
    const config = methodConfig({
      recipe: 'patchcore',
      category: 'noise',
      imageSize: 64,
      coresetShare: 0.2,
    }) as PatchCoreConfig;
    let teacher: ParameterStore;
    let model: NamedArrays;
    let detector: AnomalyDetector;

    before(async () => {
      teacher = ParameterStore.fromArrays(teacherArrays);
      const fitted = await PATCHCORE.fit({ train, heldOut: { ...train, count: 0 } }, config, {
        teacher,
        run: new RunFolder('unused'),
        header: {},
      });
      model = modelOf(fitted);
      detector = createDetector(PATCHCORE.open(model, config, teacher), {
        ...config,
        productResolution: 'image',
        threshold: null,
      });
    });
    after(async () => {
      await detector.dispose();
      teacher.dispose();
    });

    it('keeps patches of its train images', () => {
      const { shape } = model.get('memory')!;
      assert.deepEqual(shape, [(5 * 64) / 5, 128 + 256]);
    });

    it('finds a patch that no train image has', async () => {
      const stack = stackOf(2, 1);
      for (let y = 24; y < 40; y++) stack.data.fill(255, (y * 64 + 24) * 3, (y * 64 + 40) * 3);
      const [defect, good] = await detector.detect(stack);
      assert.ok(defect.score > 1.2 * good.score, `${defect.score}, ${good.score}`);
      const at = defect.map!.indexOf(Math.max(...defect.map!));
      const [x, y] = [at % 64, Math.floor(at / 64)];
      assert.ok(x >= 16 && x < 48 && y >= 16 && y < 48, `${x}, ${y}`);
    });

    const exported = (settings: PatchCoreConfig, arrays: NamedArrays) =>
      createOnnxDetector(
        encodeDetector(patchCoreGraph(arrays, settings, teacherArrays), {
          category: 'noise',
          imageSize: 64,
          resizeFilter: 'bilinear',
          productResolution: 'image',
          teacher: { kind: 'random', name: 'none' },
          modelEpoch: null,
          threshold: null,
          config: settings,
          ...sidesOf(null),
        }),
      );

    it('says the same as an ONNX file', async () => {
      const stack = stackOf(3, 77);
      const before = tensorCount();
      const expected = await detector.detect(stack, { batchSize: 2 });
      assert.deepEqual(tensorCount(), before);
      for (const neighbours of [9, 1]) {
        const file = await exported({ ...config, neighbours }, model);
        const found = await file.detect(stack, { batchSize: 2, levelMaps: true });
        found.forEach(({ score, map, levelMaps }, i) => {
          assertArraysNear(map!, expected[i].map!, 1e-4, `map ${i}`);
          assert.deepEqual(levelMaps, []);
          if (neighbours === 9) {
            assert.ok(Math.abs(score / expected[i].score - 1) < 1e-4, `${score}`);
          } else {
            assert.ok(score > expected[i].score);
          }
        });
        await file.dispose();
      }
    });

    it('describes patches by other levels, one or all of them', async () => {
      const stack = stackOf(2, 78);
      for (const levels of [[2], [1, 2, 3]]) {
        const settings = { ...config, levels, maxEntries: 40 };
        const fitted = await PATCHCORE.fit({ train, heldOut: { ...train, count: 0 } }, settings, {
          teacher,
          run: new RunFolder('unused'),
          header: {},
        });
        const arrays = modelOf(fitted);
        assert.deepEqual(arrays.get('memory')!.shape, [40, levels.length === 1 ? 128 : 448]);
        const judge = PATCHCORE.open(arrays, settings, teacher);
        const expected = await judge.judge(stack, [0, 1], {});
        const file = await exported(settings, arrays);
        (await file.detect(stack)).forEach(({ score, map }, i) => {
          assertArraysNear(map!, expected[i].map!, 1e-4, `levels ${levels.join()}, map ${i}`);
          assert.ok(Math.abs(score / expected[i].score - 1) < 1e-4);
        });
        await file.dispose();
        judge.dispose();
      }
      // What was made of some levels is no memory of others.
      const other = { ...config, levels: [1, 2] };
      assert.throws(
        () => PATCHCORE.open(model, other, teacher),
        /\[entries, 192\], found \[64, 384\]/,
      );
    });
  });
});
