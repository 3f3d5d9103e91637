import assert from 'node:assert/strict';
import type { Detection } from '../../src/lib/anomaly-map/detection';
import { thresholdFromGood } from '../../src/lib/anomaly-map/threshold';
import type { ImageStack } from '../../src/lib/data/image';
import { autoEncoderConfigSchema } from '../../src/lib/models/auto-encoder';
import type { DetectorArrays } from '../../src/lib/models/detector';
import { exportDetector } from '../../src/lib/onnx/export';
import { decodeModel, encodeModel } from '../../src/lib/onnx/messages';
import type { ModelProto } from '../../src/lib/onnx/messages';
import { readDetectorMetadata } from '../../src/lib/onnx/metadata';
import { createOnnxDetector } from '../../src/lib/onnx/onnx-detector';
import { quantiseDetector } from '../../src/lib/onnx/quantise';
import {
  quantisableParts,
  quantisedGraph,
  withoutTransposedConvolutions,
} from '../../src/lib/onnx/quantised-graph';
import { mixedIntegers } from '../metrics/mixed-integers';
import { backboneArrays } from '../models/fill';
import { autoEncoderArrays } from '../training/small-networks';
import { description } from './description';

function imageStack(count: number, width: number, height: number, stream = 1): ImageStack {
  const data = Uint8Array.from(mixedIntegers(count * width * height * 3, stream));
  return { count, width, height, data };
}

async function detections(model: Uint8Array, stack: ImageStack): Promise<Detection[]> {
  const detector = await createOnnxDetector(model);
  try {
    return await detector.detect(stack);
  } finally {
    await detector.dispose();
  }
}

const scoresOf = async (model: Uint8Array, stack: ImageStack) =>
  (await detections(model, stack)).map(({ score }) => score);

/** How many constants of a type a model has. */
const constantsOf = ({ graph }: ModelProto, dataType: number, values = 0) =>
  graph.initializer.filter(
    (tensor) => tensor.dataType === dataType && tensor.dims.reduce((a, b) => a * b, 1) > values,
  ).length;
const [FLOAT, INT8, INT32] = [1, 3, 6];

describe('a detector in integers', function () {
  this.timeout(300_000);
  const arrays: DetectorArrays = { teacher: backboneArrays(200), student: backboneArrays(300) };
  const good = imageStack(6, 64, 32);
  const other = imageStack(3, 64, 32, 77);
  let threshold: ReturnType<typeof thresholdFromGood>;
  let float: Uint8Array;

  before(async () => {
    const scores = await scoresOf(exportDetector(arrays, description()), good);
    threshold = thresholdFromGood({ scores, peaks: scores }, 'held-out', 0.2);
    float = exportDetector(arrays, description({ threshold }));
  });

  it('has all weights in 7 of 8 bits, is a quarter of the file, and says nearly the same', async () => {
    const { model, quantisation, parts } = await quantiseDetector(float, good, { maxChange: 1 });
    assert.ok(model.length < 0.27 * float.length && model.length < 6e6, `${model.length}`);
    const decoded = decodeModel(model);
    assert.equal(constantsOf(decoded, FLOAT, 512), 0);
    // Fifteen convolutions in each backbone, and their zero points.
    assert.equal(constantsOf(decoded, INT8), 60);
    assert.equal(constantsOf(decoded, INT32), 60);
    for (const { dataType, rawData } of decoded.graph.initializer) {
      if (dataType !== INT8) continue;
      const largest = new Int8Array(new Uint8Array(rawData).buffer).map(Math.abs);
      assert.ok(largest.every((step) => step <= 63));
    }
    assert.equal(parts, 14);
    assert.deepEqual(quantisation.floatParts, []);
    const [expected, found] = [await detections(float, other), await detections(model, other)];
    found.forEach(({ score, map }, i) => {
      const change = score / expected[i].score - 1;
      assert.ok(Math.abs(change) < 0.25 && change !== 0, `image ${i}: ${change}`);
      const wanted = expected[i].map!;
      const away = map!.reduce((sum, value, j) => sum + Math.abs(value - wanted[j]), 0);
      const all = wanted.reduce((sum, value) => sum + value, 0);
      assert.ok(away < 0.2 * all, `map of image ${i}: ${away / all}`);
    });
  });

  it('says in its metadata what it is, how far it is from float32, and its own threshold', async () => {
    const result = await quantiseDetector(float, good, { maxChange: 1, source: 'held-out' });
    const [before, after] = [await scoresOf(float, good), await scoresOf(result.model, good)];
    const changes = after.map((score, i) => Math.abs(score - before[i]) / before[i]);
    const metadata = readDetectorMetadata(result.model, 'the file');
    assert.equal(metadata.precision, 'int8');
    assert.deepEqual(metadata.quantisation, result.quantisation);
    const { change, ...rest } = result.quantisation;
    assert.deepEqual(rest, {
      weightBits: 7,
      calibration: { images: 6, source: 'held-out' },
      floatParts: [],
      maxChange: 1,
    });
    assert.equal(change.largest, Math.max(...changes));
    assert.ok(Math.abs(change.mean - changes.reduce((sum, x) => sum + x, 0) / 6) < 1e-12);
    assert.ok(change.rankCorrelation! > -1 && change.rankCorrelation! <= 1);
    assert.ok(change.flips! >= 0);
    assert.deepEqual(
      metadata.threshold,
      thresholdFromGood({ scores: after, peaks: after }, 'held-out', 0.2),
    );
    assert.notEqual(metadata.threshold!.value, threshold.value);
    assert.deepEqual(metadata.threshold, result.threshold);
    // Everything else is the float32 file's.
    const { formatVersion, ...settings } = { formatVersion: 1, ...metadata };
    assert.equal(formatVersion, 1);
    const wanted = readDetectorMetadata(float, 'the file');
    assert.deepEqual(
      { ...settings, precision: 'float32', quantisation: null, threshold },
      { ...wanted, threshold },
    );
  });

  it('has no threshold where the one before belongs to the scores of float32', async () => {
    const given = { ...threshold, quantile: null, source: 'given' as const };
    const model = exportDetector(arrays, description({ threshold: given }));
    const found = await quantiseDetector(model, good, { maxChange: 1 });
    assert.equal(found.threshold, null);
    assert.equal(found.quantisation.change.flips, null);
  });

  it('keeps the layers in float32 that move scores most, until the bound holds', async () => {
    const all = await quantiseDetector(float, good, { maxChange: 1 });
    const maxChange = 0.6 * all.quantisation.change.largest;
    const { model, quantisation } = await quantiseDetector(float, good, { maxChange });
    const { floatParts, change } = quantisation;
    assert.ok(floatParts.length > 0 && floatParts.length < 14, `${floatParts.join(', ')}`);
    assert.ok(change.largest <= maxChange);
    assert.ok(constantsOf(decodeModel(model), FLOAT, 512) > 0);
    const [before, after] = [await scoresOf(float, good), await scoresOf(model, good)];
    after.forEach((score, i) => assert.ok(Math.abs(score / before[i] - 1) <= maxChange));
  });

  it('computes any of its parts in integers alone', async () => {
    const decoded = decodeModel(float);
    const parts = quantisableParts(decoded.graph);
    assert.deepEqual(parts.slice(0, 3), ['teacher/conv1', 'teacher/layer1.0', 'teacher/layer1.1']);
    const range = { low: -400, high: 400 };
    const ranges = { get: () => range } as unknown as ReadonlyMap<string, typeof range>;
    const graph = quantisedGraph(decoded.graph, ranges, new Set(['student/layer2.0']));
    const added = graph.node.filter(({ opType }) => /Linear/.test(opType)).map(({ name }) => name);
    assert.deepEqual(
      added.filter((name) => !/student.layer(1\.1\.sum|2\.0)/.test(name)),
      [],
    );
    const [score] = await scoresOf(encodeModel({ ...decoded, graph }), other);
    assert.ok(Number.isFinite(score));
  });

  it('refuses what it cannot keep, calibrate on or quantise', async () => {
    const refused = (model: Uint8Array, stack: ImageStack, maxChange: number) =>
      quantiseDetector(model, stack, { maxChange });
    await assert.rejects(refused(float, good, 1e-9), /No part .* at most 1e-9/);
    await assert.rejects(refused(float, good, 0), /a change above 0, found 0/);
    await assert.rejects(refused(float, imageStack(0, 64, 32), 1), /good pictures .* found none/);
    const { model } = await quantiseDetector(float, good, { maxChange: 1 });
    await assert.rejects(refused(model, good, 1), /in float32, found one that is quantised/);
    const student = new Map(arrays.student);
    const { shape, data } = student.get('layer3.1.conv2.weight')!;
    student.set('layer3.1.conv2.weight', { shape, data: data.map(() => NaN) });
    const broken = exportDetector({ ...arrays, student }, description());
    await assert.rejects(
      refused(broken, good, 1),
      /as numbers, found NaN|expected numbers, found NaN|expected scores/,
    );
    const stopped = AbortSignal.abort(new Error('enough'));
    await assert.rejects(quantiseDetector(float, good, { signal: stopped }), /enough/);
  });
});

describe('auto-encoders in integers', function () {
  this.timeout(300_000);
  const stack = imageStack(2, 128, 256);
  for (const [name, input] of Object.entries({
    "the paper's": {},
    'with a head and a mirrored margin': { widths: [0.25, 0.5, 0.5], crop: 4 },
  })) {
    const config = autoEncoderConfigSchema.parse(input);
    const arrays = {
      teacher: backboneArrays(200),
      student: backboneArrays(300),
      autoEncoders: { config, arrays: autoEncoderArrays(config) },
    };
    // Their sides, without the margins, can be halved often enough.
    const images = config.crop > 0 ? imageStack(2, 128, 128) : stack;

    it(`${name}: transposed convolutions are the same as convolutions`, async () => {
      const float = exportDetector(arrays, description({ imageSize: 128 }));
      const decoded = decodeModel(float);
      const graph = withoutTransposedConvolutions(decoded.graph);
      assert.ok(decoded.graph.node.some(({ opType }) => opType === 'ConvTranspose'));
      assert.ok(graph.node.every(({ opType }) => opType !== 'ConvTranspose'));
      const [expected, found] = [
        await scoresOf(float, images),
        await scoresOf(encodeModel({ ...decoded, graph }), images),
      ];
      found.forEach((score, i) => assert.ok(Math.abs(score / expected[i] - 1) < 1e-5));
    });

    it(`${name}: say nearly the same`, async () => {
      const float = exportDetector(arrays, description({ imageSize: 128 }));
      const { model, quantisation } = await quantiseDetector(float, images, { maxChange: 1 });
      assert.deepEqual(quantisation.floatParts, []);
      assert.equal(constantsOf(decodeModel(model), FLOAT, 4096), 0);
      const [expected, found] = [await scoresOf(float, images), await scoresOf(model, images)];
      found.forEach((score, i) => assert.ok(Math.abs(score / expected[i] - 1) < 0.3));
    });
  }
});
