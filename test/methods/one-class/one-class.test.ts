import assert from 'node:assert/strict';
import { createDetector } from '../../../src/lib/anomaly-map/detect';
import { methodConfig } from '../../../src/lib/methods/index';
import { embed } from '../../../src/lib/methods/one-class/embedding';
import { ONE_CLASS } from '../../../src/lib/methods/one-class/one-class';
import type { OneClassConfig } from '../../../src/lib/methods/one-class/one-class';
import { ParameterStore } from '../../../src/lib/models/parameter-store';
import { RunFolder } from '../../../src/lib/training/run-folder';
import { readGolden } from '../../engine/golden';
import { tensorCount } from '../../engine/tensor-count';
import { mixedIntegers } from '../../metrics/mixed-integers';
import { backboneArrays, STREAM_LENGTH } from '../../models/fill';
import { assertSketch } from '../../models/sketch';
import { modelOf } from '../fit-again';
import { stripedPictures } from '../pictures';

describe('one-class classifiers on embeddings', () => {
  let teacher: ParameterStore;
  before(() => (teacher = ParameterStore.fromArrays(backboneArrays(200))));
  after(() => teacher.dispose());

  it("embed images by the levels' means, as PyTorch does", () => {
    const golden = readGolden<{ shape: number[]; sketch: number[] }>('one-class', 'embedding.json');
    const integers = mixedIntegers(2 * 32 * 48 * 3, 7 * STREAM_LENGTH);
    const stack = { count: 2, height: 32, width: 48, data: Uint8Array.from(integers) };
    const points = embed(teacher, stack, [0, 1], [1, 3]);
    assert.deepEqual([points.count, points.dimensions], golden.shape);
    assertSketch(points.data, golden.sketch, 1e-4, 'embedding');
  });

  const variants: Record<string, unknown>[] = [
    { classifier: 'gaussian' },
    { classifier: 'gaussian', pcaVariance: 0.99 },
    { classifier: 'svm' },
    { classifier: 'isolation-forest', pcaVariance: 0.95, whitened: true, trees: 50 },
    { classifier: 'lof', neighbours: 5 },
  ];
  for (const variant of variants) {
    it(`score a defect above good images, without a map: ${JSON.stringify(variant)}`, async () => {
      const settings = { recipe: 'one-class', category: 'stripes', imageSize: 64, levels: [1, 2] };
      const config = methodConfig({ ...settings, ...variant }) as OneClassConfig;
      const train = stripedPictures(16, 1);
      const fitted = await ONE_CLASS.fit({ train, heldOut: { ...train, count: 0 } }, config, {
        teacher,
        run: new RunFolder('unused'),
        header: {},
      });
      const before = tensorCount();
      const detector = createDetector(ONE_CLASS.open(modelOf(fitted), config, teacher), {
        ...config,
        productResolution: 'image',
        threshold: null,
      });
      const detections = await detector.detect(stripedPictures(4, 2, [3]), { batchSize: 3 });
      assert.ok(detections.every(({ map }) => map === null));
      const scores = detections.map(({ score }) => score);
      assert.equal(scores.indexOf(Math.max(...scores)), 3, scores.join(', '));
      await detector.dispose();
      assert.deepEqual(tensorCount(), before);
    });
  }
});
