import assert from 'node:assert/strict';
import { createDetector } from '../../../src/lib/anomaly-map/detect';
import { FEATURE_DICTIONARY } from '../../../src/lib/methods/feature-dictionary/feature-dictionary';
import type { FeatureDictionaryConfig } from '../../../src/lib/methods/feature-dictionary/feature-dictionary';
import { patchFeatures } from '../../../src/lib/methods/feature-dictionary/patch-features';
import { meanOverPatches, patchGrid } from '../../../src/lib/methods/feature-dictionary/patch-grid';
import { methodConfig } from '../../../src/lib/methods/index';
import { ParameterStore } from '../../../src/lib/models/parameter-store';
import { RunFolder } from '../../../src/lib/training/run-folder';
import { assertArraysNear } from '../../engine/assert-arrays-near';
import { readGolden } from '../../engine/golden';
import { tensorCount } from '../../engine/tensor-count';
import { mixedIntegers } from '../../metrics/mixed-integers';
import { backboneArrays, STREAM_LENGTH } from '../../models/fill';
import { assertSketch } from '../../models/sketch';
import { modelOf } from '../fit-again';
import { stripedPictures } from '../pictures';

describe('the feature dictionary', () => {
  let teacher: ParameterStore;
  before(() => (teacher = ParameterStore.fromArrays(backboneArrays(200))));
  after(() => teacher.dispose());

  for (const view of ['patch', 'image'] as const) {
    it(`describes patches as PyTorch does, L1-normalised, in view '${view}'`, async () => {
      const golden = readGolden<{
        corners: [number, number][];
        patch: number[][];
        image: number[][];
      }>('feature-dictionary', 'features.json');
      const integers = mixedIntegers(48 * 64 * 3, 8 * STREAM_LENGTH);
      const stack = { count: 1, height: 48, width: 64, data: Uint8Array.from(integers) };
      const corners = golden.corners.map(([x, y]) => ({ x, y }));
      const settings = { patchSize: 16, networkSize: 64, view };
      // The first use hands the backbone's weights to TensorFlow.
      await patchFeatures(teacher, stack, 0, corners, settings);
      const before = tensorCount();
      const { count, dimensions, data } = await patchFeatures(teacher, stack, 0, corners, settings);
      assert.deepEqual(tensorCount(), before);
      assert.deepEqual([count, dimensions], [4, 256]);
      for (let i = 0; i < count; i++) {
        const row = data.subarray(i * dimensions, (i + 1) * dimensions);
        assertSketch(row, golden[view][i], 1e-4, `patch ${i}`);
      }
    });
  }

  it('gives a pixel the mean of the patches that cover it', () => {
    const golden = readGolden<{ scores: number[]; map: number[] }>(
      'feature-dictionary',
      'map.json',
    );
    const size = { height: 22, width: 30 };
    const grid = patchGrid(size, 6, 4);
    assert.equal(grid.corners.length, 35);
    assertArraysNear(meanOverPatches(golden.scores, grid, size), golden.map, 1e-6);
  });

  it('has a last patch flush with the border, and refuses images that are smaller than one', () => {
    const { corners } = patchGrid({ height: 6, width: 9 }, 6, 2);
    assert.deepEqual(
      corners.map(({ x }) => x),
      [0, 2, 3],
    );
    assert.throws(() => patchGrid({ height: 5, width: 9 }, 6, 2), /at least 6 pixels a side/);
  });

  it('finds and locates what no good image has', async () => {
    const config = methodConfig({
      recipe: 'feature-dictionary',
      category: 'stripes',
      imageSize: 64,
      trainPatches: 400,
      restarts: 2,
    }) as FeatureDictionaryConfig;
    const train = stripedPictures(8, 1);
    const fitted = await FEATURE_DICTIONARY.fit(
      { train, heldOut: { ...train, count: 0 } },
      config,
      {
        teacher,
        run: new RunFolder('unused'),
        header: {},
      },
    );
    const before = tensorCount();
    const detector = createDetector(FEATURE_DICTIONARY.open(modelOf(fitted), config, teacher), {
      ...config,
      productResolution: 'image',
      threshold: null,
    });
    const detections = await detector.detect(stripedPictures(3, 2, [1]));
    const scores = detections.map(({ score }) => score);
    assert.equal(scores.indexOf(Math.max(...scores)), 1, scores.join(', '));
    const map = detections[1].map!;
    const at = map.indexOf(Math.max(...map));
    assert.ok(Math.abs((at % 64) - 32) < 16 && Math.abs(Math.floor(at / 64) - 32) < 16, `${at}`);
    await detector.dispose();
    assert.deepEqual(tensorCount(), before);
  });
});
