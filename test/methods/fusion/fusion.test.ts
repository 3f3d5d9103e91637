import assert from 'node:assert/strict';
import { createDetector } from '../../../src/lib/anomaly-map/detect';
import type { PixelDetection } from '../../../src/lib/anomaly-map/detection';
import { FUSION } from '../../../src/lib/methods/fusion/fusion';
import type { FusionConfig } from '../../../src/lib/methods/fusion/fusion';
import { LEVELS_AND_MEMORY } from '../../../src/lib/methods/fusion/levels-and-memory';
import type { LevelsAndMemoryConfig } from '../../../src/lib/methods/fusion/levels-and-memory';
import { methodConfig } from '../../../src/lib/methods/index';
import type { DetectorConfig } from '../../../src/lib/methods/index';
import type { AnomalyMethod, FitContext, Fitted } from '../../../src/lib/methods/method';
import { ParameterStore } from '../../../src/lib/models/parameter-store';
import { resnet18Shapes } from '../../../src/lib/models/resnet18';
import { encodeDetector, sidesOf } from '../../../src/lib/onnx/export';
import { createOnnxDetector } from '../../../src/lib/onnx/onnx-detector';
import { RunFolder } from '../../../src/lib/training/run-folder';
import type { NamedArrays } from '../../../src/lib/weights/named-arrays';
import { temporaryFolder } from '../../data/temporary-folder';
import { assertArraysNear } from '../../engine/assert-arrays-near';
import { tensorCount } from '../../engine/tensor-count';
import { mixedIntegers } from '../../metrics/mixed-integers';
import { backboneArrays } from '../../models/fill';
import { autoEncoderArrays } from '../../training/small-networks';

describe('learned fusion', () => {
  const folder = temporaryFolder();
  const size = { height: 64, width: 64 };
  const stackOf = (count: number, stream: number) => ({
    count,
    ...size,
    data: Uint8Array.from(mixedIntegers(count * 64 * 64 * 3, stream), (value) => value & 127),
  });
  const images = { train: stackOf(6, 1), heldOut: stackOf(3, 2) };
  const shared = { category: 'noise', imageSize: 64, epochs: 1, batchSize: 3, maxEntries: 40 };
  const configOf = (own: object) =>
    methodConfig({
      ...shared,
      recipe: 'fusion',
      madeUpImages: 16,
      headEpochs: 12,
      ...own,
    }) as FusionConfig;
  const teacherArrays = backboneArrays(200);
  let teacher: ParameterStore;
  before(() => (teacher = ParameterStore.fromArrays(teacherArrays)));
  after(() => teacher.dispose());

  const fitted = (config: FusionConfig, name: string, context: Partial<FitContext> = {}) =>
    FUSION.fit(images, config, {
      teacher,
      run: new RunFolder(folder.path(name)),
      header: {},
      ...context,
    });

  const detect = async <C extends DetectorConfig>(
    method: AnomalyMethod<C>,
    model: NamedArrays,
    config: C,
    count = 3,
  ): Promise<PixelDetection[]> => {
    const detector = createDetector(method.open(model, config, teacher), {
      ...config,
      productResolution: 'image',
      threshold: null,
    });
    const detections = await detector.detect(stackOf(count, 77), { batchSize: 2 });
    await detector.dispose();
    return detections as PixelDetection[];
  };

  const detectExported = async <C extends DetectorConfig>(
    method: AnomalyMethod<C>,
    model: NamedArrays,
    config: C,
  ): Promise<PixelDetection[]> => {
    assert.ok(typeof method.graph === 'function');
    const file = await createOnnxDetector(
      encodeDetector(
        method.graph(model, config, teacherArrays, 'image'),
        {
          category: 'noise',
          imageSize: 64,
          resizeFilter: 'bilinear',
          productResolution: 'image',
          teacher: { kind: 'random', name: 'none' },
          modelEpoch: null,
          threshold: null,
          config,
          ...sidesOf(null),
        },
        method.title,
      ),
    );
    const detections = await file.detect(stackOf(3, 77), { batchSize: 2 });
    await file.dispose();
    return detections as PixelDetection[];
  };

  const assertSame = (found: readonly PixelDetection[], expected: readonly PixelDetection[]) =>
    found.forEach(({ score, map }, i) => {
      assertArraysNear(map, expected[i].map, 1e-4, `map ${i}`);
      assert.ok(Math.abs(score - expected[i].score) < 1e-3 * Math.abs(expected[i].score) + 1e-5);
    });

  let whole: Fitted;
  before(async () => {
    const result = await fitted(configOf({}), 'whole');
    assert.equal(result.status, 'finished');
    whole = result as Fitted;
  });

  /** With the head, whether it was found better or not. */
  const withHead = async (config: FusionConfig, name: string): Promise<NamedArrays> => {
    const { model } = (await fitted(config, name)) as Fitted;
    const head = new Map(
      [...new RunFolder(folder.path(`${name}/head`)).loadState()!.arrays]
        .filter(([array]) => !array.startsWith('adam.') && array !== 'step')
        .map(([array, values]) => [`head.${array}`, values]),
    );
    return new Map([...model, ...head]);
  };

  it('says on what the head was checked, and keeps it where it is the better one', () => {
    const { model, notes } = whole;
    assert.equal(notes?.length, 1);
    const numbers = /average precision (\S+), (\S+) of the plain mean/.exec(notes![0])!;
    const isBetter = Number(numbers[1]) > Number(numbers[2]);
    assert.equal(model.has('head.conv1.weight'), isBetter);
    assert.match(notes![0], isBetter ? /its map is used/ : /plain mean is used in its place/);
    assert.deepEqual(model.get('scales')!.shape, [4, 2]);
    assert.deepEqual(model.get('memory')!.shape, [38, 384]);
  });

  for (const own of [{}, { imageScore: 'head' }, { memory: false, memoryLevels: [2] }]) {
    it(`says the same as an ONNX file: ${JSON.stringify(own)}`, async () => {
      const config = configOf(own);
      const model = await withHead(config, `exported-${JSON.stringify(own).length}`);
      const before = tensorCount();
      const expected = await detect(FUSION, model, config);
      assert.deepEqual(tensorCount(), before);
      for (const { map } of expected) assert.ok(map.every((value) => value >= 0 && value <= 1));
      assertSame(await detectExported(FUSION, model, config), expected);
    });
  }

  it('without a head is the plain mean of the maps, as an ONNX file too', async () => {
    const config = configOf({});
    const plain = new Map([...whole.model].filter(([name]) => !name.startsWith('head.')));
    const { recipe: _, madeUpImages: __, headEpochs: ___, imageScore: ____, ...rest } = config;
    const mean = methodConfig({ ...rest, recipe: 'levels-and-memory' }) as LevelsAndMemoryConfig;
    const expected = await detect(LEVELS_AND_MEMORY, plain, mean);
    assert.deepEqual(await detect(FUSION, plain, config), expected);
    assertSame(await detectExported(FUSION, plain, config), expected);
    assertSame(await detectExported(LEVELS_AND_MEMORY, plain, mean), expected);
  });

  it("goes on after an interruption in the head's training with the same numbers", async () => {
    const controller = new AbortController();
    const stopped = await fitted(configOf({}), 'stopped', {
      signal: controller.signal,
      onProgress: (what, done) => {
        if (what === 'Training the head' && done === 3) controller.abort();
      },
    });
    assert.equal(stopped.status, 'interrupted');
    const { model, notes } = (await fitted(configOf({}), 'stopped')) as Fitted;
    assert.deepEqual(notes, whole.notes);
    assert.deepEqual([...model.keys()], [...whole.model.keys()]);
    for (const [name, { data }] of model) assert.deepEqual(data, whole.model.get(name)!.data, name);
  });

  it('takes over the student of another run, with its auto-encoders', async () => {
    const config = configOf({
      epochs: 0,
      imageSize: 128,
      autoEncoder: { skips: 'none' },
      madeUpImages: 16,
      headEpochs: 1,
    });
    const student = new Map([...backboneArrays(300), ...autoEncoderArrays(config.autoEncoder!)]);
    const larger = (count: number, stream: number) => ({
      count,
      height: 128,
      width: 128,
      data: Uint8Array.from(mixedIntegers(count * 128 * 128 * 3, stream), (value) => value & 127),
    });
    const result = (await FUSION.fit({ train: larger(3, 5), heldOut: larger(2, 6) }, config, {
      teacher,
      run: new RunFolder(folder.path('taken-over')),
      header: {},
      student,
    })) as Fitted;
    for (const [name, { data }] of student) {
      assert.deepEqual(result.model.get(name)!.data, data, name);
    }
    const plain = (await fitted(configOf({ epochs: 0 }), 'plain', {
      student: new Map([
        ...backboneArrays(300),
        ['more', { shape: [1], data: new Float32Array(1) }],
      ]),
    })) as Fitted;
    assert.ok([...resnet18Shapes().keys()].every((name) => plain.model.has(name)));
    assert.ok(!plain.model.has('more'));
  });

  it('wants a student where it trains none', async () => {
    await assert.rejects(fitted(configOf({ epochs: 0 }), 'none'), /student of another run/);
  });
});
