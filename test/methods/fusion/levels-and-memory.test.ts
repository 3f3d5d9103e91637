import assert from 'node:assert/strict';
import { anomalyMaps } from '../../../src/lib/anomaly-map/anomaly-map';
import { createDetector } from '../../../src/lib/anomaly-map/detect';
import { channelOf } from '../../../src/lib/anomaly-map/quantile-mean';
import { tf } from '../../../src/lib/engine/index';
import { methodConfig } from '../../../src/lib/methods/index';
import { LEVELS_AND_MEMORY } from '../../../src/lib/methods/fusion/levels-and-memory';
import type { LevelsAndMemoryConfig } from '../../../src/lib/methods/fusion/levels-and-memory';
import { openMapSource } from '../../../src/lib/methods/fusion/map-source';
import { detectorFeatures } from '../../../src/lib/models/detector';
import { imageBatch } from '../../../src/lib/models/image-batch';
import { ParameterStore } from '../../../src/lib/models/parameter-store';
import { resnet18Shapes } from '../../../src/lib/models/resnet18';
import { RunFolder } from '../../../src/lib/training/run-folder';
import type { NamedArrays } from '../../../src/lib/weights/named-arrays';
import { assertArraysNear } from '../../engine/assert-arrays-near';
import { tensorCount } from '../../engine/tensor-count';
import { mixedIntegers } from '../../metrics/mixed-integers';
import { backboneArrays } from '../../models/fill';
import { temporaryFolder } from '../../data/temporary-folder';

describe('levels and memory', () => {
  const folder = temporaryFolder();
  const size = { height: 64, width: 64 };
  const stackOf = (count: number, stream: number) => ({
    count,
    ...size,
    data: Uint8Array.from(mixedIntegers(count * 64 * 64 * 3, stream), (value) => value & 127),
  });
  const images = { train: stackOf(6, 1), heldOut: stackOf(3, 2) };
  const configOf = (own: object) =>
    methodConfig({
      recipe: 'levels-and-memory',
      category: 'noise',
      imageSize: 64,
      epochs: 2,
      batchSize: 3,
      maxEntries: 40,
      ...own,
    }) as LevelsAndMemoryConfig;
  let teacher: ParameterStore;
  before(() => (teacher = ParameterStore.fromArrays(backboneArrays(200))));
  after(() => teacher.dispose());

  const fit = async (config: LevelsAndMemoryConfig, name: string, given = images) => {
    const run = new RunFolder(folder.path(name));
    const fitted = await LEVELS_AND_MEMORY.fit(given, config, { teacher, run, header: {} });
    assert.equal(fitted.status, 'finished');
    return (fitted as { model: NamedArrays }).model;
  };

  for (const memory of [true, false]) {
    describe(memory ? 'together' : 'of the levels alone', () => {
      const config = configOf({ memory });
      let model: NamedArrays;
      before(async () => (model = await fit(config, `memory-${memory}`)));

      it('keeps the student, the memory and a scale of each map', () => {
        const student = [...model.keys()].filter((name) => resnet18Shapes().has(name));
        assert.equal(student.length, resnet18Shapes().size);
        assert.deepEqual(model.get('memory')?.shape, memory ? [38, 384] : undefined);
        assert.deepEqual(model.get('scales')!.shape, [memory ? 4 : 3, 2]);
        assert.equal(model.size, student.length + (memory ? 2 : 1));
      });

      it('finds what no good image has, and leaves no tensor behind', async () => {
        const detector = createDetector(LEVELS_AND_MEMORY.open(model, config, teacher), {
          ...config,
          productResolution: 'image',
          threshold: null,
        });
        const stack = stackOf(3, 3);
        for (let y = 24; y < 40; y++) stack.data.fill(255, (y * 64 + 24) * 3, (y * 64 + 40) * 3);
        await detector.detect(stack);
        const before = tensorCount();
        const [defect, ...good] = await detector.detect(stack, { batchSize: 2 });
        assert.deepEqual(tensorCount(), before);
        assert.ok(good.every(({ score }) => score < defect.score));
        assert.equal(defect.map!.length, 64 * 64);
        assert.equal(defect.score, Math.max(...defect.map!));
        const [alone] = await detector.detect(stack, {}, [0]);
        assertArraysNear(alone.map!, defect.map!, 1e-4);
        await detector.dispose();
      });
    });
  }

  it("has the level maps of STFPM's detector, at the resolution of level 1", async () => {
    const config = configOf({ memory: false });
    const model = await fit(config, 'memory-false');
    const source = openMapSource(model, config, teacher);
    const stack = stackOf(2, 5);
    const { height, width, channels, ...maps } = source.maps(stack, [0, 1]);
    assert.deepEqual([height, width, channels], [16, 16, 3]);
    const names = resnet18Shapes();
    const student = ParameterStore.fromArrays(
      new Map([...model].filter(([name]) => names.has(name))),
    );
    tf.tidy(() => {
      const pair = detectorFeatures({ teacher, student }, imageBatch(stack, [0, 1]));
      const { levels } = anomalyMaps(pair, { height: 16, width: 16 });
      levels.forEach((level, i) => {
        const expected = level.dataSync<'float32'>();
        for (const image of [0, 1]) {
          const map = channelOf({ height, width, channels, ...maps }, image, i);
          assertArraysNear(map, expected.slice(image * 256, (image + 1) * 256), 1e-5);
        }
      });
    });
    student.dispose();
    source.dispose();
  });

  it('asks for held-out images', async () => {
    const none = { ...images, heldOut: { ...images.heldOut, count: 0 } };
    await assert.rejects(
      fit(configOf({}), 'none', none),
      /held-out images.*validationShare above 0/,
    );
  });
});
