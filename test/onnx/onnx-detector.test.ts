import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { createTensorFlowDetector } from '../../src/lib/anomaly-map/detect';
import type { TensorFlowDetector } from '../../src/lib/anomaly-map/detect';
import type { Detection } from '../../src/lib/anomaly-map/detection';
import type { ImageStack } from '../../src/lib/data/image';
import { auroc } from '../../src/lib/metrics/index';
import { autoEncoderConfigSchema } from '../../src/lib/models/auto-encoder';
import type { AutoEncoderConfigInput } from '../../src/lib/models/auto-encoder';
import type { DetectorArrays } from '../../src/lib/models/detector';
import { ParameterStore } from '../../src/lib/models/parameter-store';
import { exportDetector } from '../../src/lib/onnx/export';
import { createOnnxDetector, openOnnxDetector } from '../../src/lib/onnx/onnx-detector';
import type { OnnxDetector } from '../../src/lib/onnx/onnx-detector';
import { openSession } from '../../src/lib/onnx/runtime';
import { temporaryFolder } from '../data/temporary-folder';
import { assertArraysNear } from '../engine/assert-arrays-near';
import { mixedIntegers } from '../metrics/mixed-integers';
import { backboneArrays } from '../models/fill';
import { autoEncoderArrays } from '../training/small-networks';
import { description } from './description';

function imageStack(count: number, width: number, height: number): ImageStack {
  const data = Uint8Array.from(mixedIntegers(count * width * height * 3, 1));
  return { count, width, height, data };
}

function assertSameDetections(found: Detection[], expected: Detection[]): void {
  assert.equal(found.length, expected.length);
  found.forEach(({ score, map, levelMaps }, i) => {
    const difference = Math.abs(score / expected[i].score - 1);
    assert.ok(difference < 1e-4, `image ${i}: score ${score}, not ${expected[i].score}`);
    assertArraysNear(map!, expected[i].map!, 1e-4, `map of image ${i}`);
    assert.equal(levelMaps.length, expected[i].levelMaps.length);
    levelMaps.forEach((level, l) =>
      assertArraysNear(level, expected[i].levelMaps[l], 1e-4, `image ${i}, level ${l + 1}`),
    );
  });
}

describe('an exported detector', () => {
  const { path } = temporaryFolder();
  const [width, height, count] = [48, 32, 5];
  const stack = imageStack(count, width, height);
  const arrays: DetectorArrays = { teacher: backboneArrays(200), student: backboneArrays(300) };
  let detector: TensorFlowDetector;
  let exported: OnnxDetector;

  before(async () => {
    const networks = {
      teacher: ParameterStore.fromArrays(arrays.teacher),
      student: ParameterStore.fromArrays(arrays.student),
    };
    detector = createTensorFlowDetector(networks, description());
    exported = await createOnnxDetector(exportDetector(arrays, description()));
  });

  after(async () => {
    await exported.dispose();
    detector.dispose();
  });

  for (const batchSize of [1, 3]) {
    it(`says the same as the engine, ${batchSize} images at a time, not square`, async () => {
      const options = { batchSize, levelMaps: true };
      const expected = await detector.detect(stack, options);
      assertSameDetections(await exported.detect(stack, options), expected);
      assert.equal(new Set(expected.map(({ score }) => score)).size, count);
    });
  }

  it('has the same pixel AUROC to 1e-6', async () => {
    const labels = Uint8Array.from(mixedIntegers(count * width * height, 9), (value) => value & 1);
    // Labels that have to do with the maps, so that the AUROC is not that of chance.
    const expected = await detector.detect(stack);
    const together = (detections: Detection[]) =>
      Float32Array.from(detections.flatMap(({ map }) => [...map!]));
    const reference = together(expected);
    const typical = [...reference].sort((a, b) => a - b)[reference.length / 2];
    reference.forEach((value, i) => {
      if (value > typical && i % 3 !== 0) labels[i] = 1;
    });
    const wanted = auroc(reference, labels);
    assert.ok(wanted > 0.6 && wanted < 0.95, `${wanted}`);
    const found = auroc(together(await exported.detect(stack)), labels);
    assert.ok(Math.abs(found - wanted) < 1e-6, `${found}, not ${wanted}`);
  });

  it('looks at the images asked for, in that order, and no others', async () => {
    const all = await exported.detect(stack, { batchSize: 2 });
    assertSameDetections(await exported.detect(stack, { batchSize: 2 }, [4, 0, 2]), [
      all[4],
      all[0],
      all[2],
    ]);
    assert.deepEqual(await exported.detect(stack, {}, []), []);
    await assert.rejects(exported.detect(stack, {}, [5]), /one of 5 images, found 5/);
  });

  it('gives maps of their own, which keep no batch in memory', async () => {
    const [{ map, levelMaps }] = await exported.detect(stack, { levelMaps: true });
    for (const own of [map!, ...levelMaps]) {
      assert.equal(own.buffer.byteLength, width * height * 4);
    }
  });

  it('reports its progress, and stops between batches', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const progress: number[][] = [];
    const stopped = exported.detect(stack, {
      batchSize: 2,
      signal: controller.signal,
      onProgress: (...numbers) => {
        progress.push(numbers);
        if (progress.length === 2) controller.abort(reason);
      },
    });
    await assert.rejects(stopped, reason);
    assert.deepEqual(progress, [
      [2, 5],
      [4, 5],
    ]);
  });

  it('gives the scores too, for programs that only have the file', async () => {
    const session = await openSession(exportDetector(arrays, description()));
    const images = { name: 'images', data: stack.data, shape: [count, height, width, 3] as const };
    const [scores, maps] = await session.run(images, ['score', 'anomaly_map']);
    await session.dispose();
    const largest = Array.from({ length: count }, (_, i) =>
      Math.max(...maps.subarray(i * width * height, (i + 1) * width * height)),
    );
    assert.deepEqual([...scores], largest);
  });

  it('takes the product where it was told to when it was exported', async () => {
    const settings = description({ productResolution: 'level1' });
    const other = await createOnnxDetector(exportDetector(arrays, settings));
    assert.equal(other.productResolution, 'level1');
    const byTensorFlow = createTensorFlowDetector(detector, settings);
    const [expected] = await byTensorFlow.detect(stack, { levelMaps: true }, [0]);
    assertSameDetections(await other.detect(stack, { levelMaps: true }, [0]), [expected]);
    const [atImage] = await exported.detect(stack, {}, [0]);
    const [byDefault] = await other.detect(stack, {}, [0]);
    assert.ok(Math.abs(byDefault.score / atImage.score - 1) > 1e-3);
    await other.dispose();
  });

  it('refuses images whose sides cannot be halved often enough', async () => {
    const odd = imageStack(1, 40, 32);
    await assert.rejects(exported.detect(odd), /sides are multiples of 16, found 32 x 40/);
  });

  it('stands alone in a file', async () => {
    const file = path('detector.onnx');
    const threshold = { value: 0.25, quantile: 0.99, images: 7, source: 'train' as const };
    fs.writeFileSync(file, exportDetector(arrays, description({ threshold, imageSize: 48 })));
    const opened = await openOnnxDetector(file);
    assert.deepEqual(opened.metadata, {
      ...description({ threshold, imageSize: 48 }),
      fit: 'stretch',
      tileOverlap: null,
      sideMultiple: 16,
      margin: 0,
      autoEncoder: null,
      precision: 'float32',
      quantisation: null,
    });
    const { imageSize, resizeFilter, productResolution } = opened;
    assert.deepEqual(
      { imageSize, resizeFilter, productResolution, threshold: opened.threshold },
      { imageSize: 48, resizeFilter: 'bilinear', productResolution: 'image', threshold },
    );
    assertSameDetections(await opened.detect(stack), await exported.detect(stack));
    await opened.dispose();
  });

  it('is refused when arrays are missing', () => {
    const student = new Map(arrays.student);
    student.delete('layer2.0.bn1.running_var');
    assert.throws(
      () => exportDetector({ ...arrays, student }, description()),
      /No parameter or buffer is named "layer2\.0\.bn1\.running_var"/,
    );
  });
});

describe('an exported detector with auto-encoders', () => {
  const variants: Record<string, AutoEncoderConfigInput> = {
    "the paper's": {},
    basic: { kind: 'basic' },
    'basic, with a head and a margin': { kind: 'basic', head: true, crop: 4 },
    'other widths, so that a head is needed': { widths: [0.25, 0.5, 0.5] },
    'without the top skip': { widths: [0.25, 0.5, 0.5], skips: 'not-top' },
    'without skips': { widths: [0.25, 0.5, 0.5], skips: 'none' },
    'with convolutions on the way up': { widths: [0.25, 0.5, 0.5], decoderConvolutions: true },
    'with a mirrored margin': { widths: [0.25, 0.5, 0.5], crop: 4 },
  };
  const teacher = backboneArrays(200);
  const student = backboneArrays(300);
  let teacherStore: ParameterStore;
  const stack = imageStack(2, 128, 256);

  before(() => {
    teacherStore = ParameterStore.fromArrays(teacher);
  });

  after(() => teacherStore.dispose());

  for (const [name, input] of Object.entries(variants)) {
    it(`says the same as the engine: ${name}`, async () => {
      const config = autoEncoderConfigSchema.parse(input);
      const autoEncoders = { config, arrays: autoEncoderArrays(config) };
      const networks = {
        teacher: teacherStore,
        student: ParameterStore.fromArrays(student),
        autoEncoders: { config, store: ParameterStore.fromArrays(autoEncoders.arrays) },
      };
      const detector = createTensorFlowDetector(networks, description({ imageSize: 128 }));
      const exported = await createOnnxDetector(
        exportDetector({ teacher, student, autoEncoders }, description({ imageSize: 128 })),
      );
      const options = { levelMaps: true };
      const expected = await detector.detect(stack, options);
      assertSameDetections(await exported.detect(stack, options), expected);
      const multiple = config.kind === 'basic' ? 32 : 128;
      assert.equal(exported.metadata.sideMultiple, multiple);
      await assert.rejects(
        exported.detect(imageStack(1, 128, 16 * 9)),
        new RegExp(`multiples of ${multiple}, found 144 x 128`),
      );
      await exported.dispose();
      networks.student.dispose();
      networks.autoEncoders.store.dispose();
    });
  }
});
