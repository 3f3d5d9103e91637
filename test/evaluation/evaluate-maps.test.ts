import assert from 'node:assert/strict';
import { evaluateMaps } from '../../src/lib/evaluation/evaluate-maps';
import type { EvaluationInput } from '../../src/lib/evaluation/evaluate-maps';
import { aupimo } from '../../src/lib/metrics/aupimo';
import { aupro } from '../../src/lib/metrics/aupro';
import { auroc } from '../../src/lib/metrics/auroc';
import { averagePrecision } from '../../src/lib/metrics/average-precision';
import { f1Max } from '../../src/lib/metrics/f1-max';
import { instanceAveragePrecision } from '../../src/lib/metrics/instance-average-precision';
import { mixedIntegers } from '../metrics/mixed-integers';

const width = 4;
const height = 3;
const pixels = width * height;

/** Two good images and four with two types of defect; scores with ties. */
function testSet() {
  const words = mixedIntegers(6 * pixels, 7);
  const labels: (0 | 1)[] = [0, 1, 1, 0, 1, 1];
  const defects = ['good', 'cut', 'hole', 'good', 'cut', 'hole'];
  const masks = labels.map((label, image) => {
    if (label === 0) return null;
    const data = Uint8Array.from({ length: pixels }, (_, i) => +(i % 6 === image % 3));
    return { width, height, data };
  });
  const maps = labels.map((_, image) =>
    Float32Array.from({ length: pixels }, (_, i) => {
      const isDefect = masks[image]?.data[i] === 1;
      return (words[image * pixels + i] % 16) / 8 + (isDefect ? 0.5 : 0);
    }),
  );
  const files = labels.map((_, image) => `${image}.png`);
  return { maps, masks, labels, defects, files, width, height };
}

function joined(set: EvaluationInput, images: number[]) {
  const scores = images.flatMap((i) => [...set.maps![i]]);
  const labels = images.flatMap((i) => [...(set.masks[i]?.data ?? new Uint8Array(pixels))]);
  return [Float32Array.from(scores), Uint8Array.from(labels)] as const;
}

describe('evaluateMaps', () => {
  it('scores an image by the largest value of its map', () => {
    const set = testSet();
    const { image } = evaluateMaps(set);
    const scores = Float64Array.from(set.maps, (map) => Math.max(...map));
    const labels = Uint8Array.from(set.labels);
    assert.deepEqual(image, {
      auroc: auroc(scores, labels),
      averagePrecision: averagePrecision(scores, labels),
      f1Max: f1Max(scores, labels).f1,
      f1MaxThreshold: f1Max(scores, labels).threshold,
    });
  });

  it('takes other image scores if given', () => {
    const set = testSet();
    assert.equal(evaluateMaps({ ...set, imageScores: set.labels }).image.auroc, 1);
    assert.equal(evaluateMaps({ ...set, imageScores: [9, 0, 0, 9, 0, 0] }).image.auroc, 0);
  });

  it('joins the pixels of all images, good ones included', () => {
    const set = testSet();
    const { pixel, counts } = evaluateMaps(set);
    const [scores, labels] = joined(set, [0, 1, 2, 3, 4, 5]);
    assert.equal(pixel.auroc, auroc(scores, labels));
    assert.equal(pixel.averagePrecision, averagePrecision(scores, labels));
    assert.equal(pixel.f1Max, f1Max(scores, labels).f1);
    assert.equal(pixel.f1MaxThreshold, f1Max(scores, labels).threshold);
    assert.equal(pixel.aupro, aupro(scores, labels, { width, height }));
    assert.equal(pixel.aupro05, aupro(scores, labels, { width, height, limit: 0.05 }));
    assert.equal(
      pixel.instanceAveragePrecision,
      instanceAveragePrecision(scores, labels, { width, height }),
    );
    assert.deepEqual(counts, {
      images: 6,
      defectImages: 4,
      defectImagesWithoutMask: 0,
      pixels: 72,
      defectPixels: 8,
    });
  });

  it('compares each type of defect with all good images', () => {
    const set = testSet();
    const { defects } = evaluateMaps(set);
    assert.deepEqual(Object.keys(defects), ['cut', 'hole']);
    for (const [defect, images] of [
      ['cut', [0, 1, 3, 4]],
      ['hole', [0, 2, 3, 5]],
    ] as const) {
      const imageScores = Float64Array.from(images, (i) => Math.max(...set.maps![i]));
      const imageLabels = Uint8Array.from(images, (i) => set.labels[i]);
      assert.deepEqual(defects[defect], {
        imageAuroc: auroc(imageScores, imageLabels),
        pixelAuroc: auroc(...joined(set, [...images])),
      });
    }
  });

  it('gives no metrics by type without the types', () => {
    assert.deepEqual(evaluateMaps({ ...testSet(), defects: undefined }).defects, {});
  });

  it('leaves a defect image without a mask out of the pixel metrics alone', () => {
    const set = testSet();
    const whole = evaluateMaps(set);
    set.masks[2] = null;
    const { image, pixel, counts, defects } = evaluateMaps(set);
    assert.deepEqual(image, whole.image);
    const [scores, labels] = joined(set, [0, 1, 3, 4, 5]);
    assert.equal(pixel.auroc, auroc(scores, labels));
    assert.equal(pixel.aupro, aupro(scores, labels, { width, height }));
    assert.equal(defects.hole.imageAuroc, whole.defects.hole.imageAuroc);
    assert.equal(defects.hole.pixelAuroc, auroc(...joined(set, [0, 3, 5])));
    assert.equal(counts.defectImagesWithoutMask, 1);
    assert.equal(counts.pixels, 60);
  });

  it('gives AUPIMO where the normal pixels suffice, and of each image', () => {
    const side = 250;
    const words = mixedIntegers(4 * side * side, 3);
    const labels = [0, 1, 1, 0];
    const maps = labels.map((_, image) =>
      Float32Array.from(
        { length: side * side },
        (_, i) => words[image * side * side + i] / 2 ** 32,
      ),
    );
    const spot = new Uint8Array(side * side).fill(1, 300, 340);
    maps[1].fill(0.99999, 300, 330);
    const masks = [null, { width: side, height: side, data: spot }, null, null];
    const size = { width: side, height: side };
    const { pixel, aupimoByImage } = evaluateMaps({ maps, masks, labels, ...size });
    const three = [maps[0], maps[1], maps[3]];
    const expected = aupimo(
      Float32Array.from(three.flatMap((map) => [...map])),
      Uint8Array.from([...new Uint8Array(side * side), ...spot, ...new Uint8Array(side * side)]),
      size,
    );
    assert.ok(expected.mean > 0.5 && expected.mean < 1);
    assert.equal(pixel.aupimo, expected.mean);
    assert.deepEqual(aupimoByImage, [null, expected.perImage[1], null, null]);
  });

  it('gives null with a reason where the test set does not define a metric', () => {
    const set = testSet();
    const good = { ...set, masks: set.masks.map(() => null), labels: set.labels.map(() => 0) };
    const { image, pixel, undefinedBecause } = evaluateMaps(good);
    const nothing = { auroc: null, averagePrecision: null, f1Max: null, f1MaxThreshold: null };
    assert.deepEqual(image, nothing);
    assert.deepEqual(pixel, {
      ...nothing,
      aupro: null,
      aupro05: null,
      instanceAveragePrecision: null,
      aupimo: null,
    });
    assert.deepEqual(undefinedBecause, {
      'image.auroc': 'AUROC needs normal and anomalous items, found 6 normal and 0 anomalous.',
      'image.averagePrecision':
        'Average precision needs normal and anomalous items, found 6 normal and 0 anomalous.',
      'image.f1Max': 'F1 needs normal and anomalous items, found 6 normal and 0 anomalous.',
      'image.f1MaxThreshold':
        'F1 needs normal and anomalous items, found 6 normal and 0 anomalous.',
      'pixel.auroc': 'AUROC needs normal and anomalous items, found 72 normal and 0 anomalous.',
      'pixel.averagePrecision':
        'Average precision needs normal and anomalous items, found 72 normal and 0 anomalous.',
      'pixel.f1Max': 'F1 needs normal and anomalous items, found 72 normal and 0 anomalous.',
      'pixel.f1MaxThreshold':
        'F1 needs normal and anomalous items, found 72 normal and 0 anomalous.',
      'pixel.aupro':
        'The PRO curve needs defect and defect-free pixels, found 0 defect regions and 72 defect-free pixels.',
      'pixel.aupro05':
        'The PRO curve needs defect and defect-free pixels, found 0 defect regions and 72 defect-free pixels.',
      'pixel.instanceAveragePrecision':
        'Instance average precision needs normal and anomalous items, found 72 normal and 0 anomalous.',
      'pixel.aupimo':
        'AUPIMO down to a false-positive rate of 0.00001 needs at least 100000 pixels of normal images, found 72.',
    });
  });

  it('gives null for average precision and F1, too, if all items are anomalous', () => {
    const set = testSet();
    const only = [1, 2, 4, 5];
    const { image, undefinedBecause } = evaluateMaps({
      width,
      height,
      maps: only.map((i) => set.maps![i]),
      masks: only.map((i) => set.masks[i]),
      labels: only.map(() => 1),
    });
    assert.deepEqual(Object.values(image), [null, null, null, null]);
    assert.match(undefinedBecause['image.f1Max'], /found 0 normal and 4 anomalous/);
  });

  it('gives null for all pixel metrics if no image has what they need', () => {
    const set = testSet();
    const { pixel, defects, undefinedBecause } = evaluateMaps({
      width,
      height,
      maps: [set.maps[1]],
      masks: [null],
      labels: [1],
      defects: ['cut'],
    });
    assert.deepEqual([...new Set(Object.values(pixel))], [null]);
    assert.deepEqual(defects, { cut: { imageAuroc: null, pixelAuroc: null } });
    assert.match(undefinedBecause['defects.cut.pixelAuroc'], /found 0 normal and 0 anomalous/);
  });

  it('leaves maps and masks as they were', () => {
    const set = testSet();
    evaluateMaps(set);
    assert.deepEqual(set, testSet());
  });

  describe('refuses, naming the image,', () => {
    const refuses = (change: (set: ReturnType<typeof testSet>) => void, message: RegExp) => {
      const set = testSet();
      change(set);
      assert.throws(
        () => evaluateMaps(set),
        (error: Error) => error instanceof RangeError && message.test(error.message),
      );
    };

    it('NaN in a map', () => {
      refuses(
        ({ maps }) => maps[2].fill(NaN, 6, 8),
        /^2\.png \(image 2\): expected .*, found NaN in 2 of 12 pixels, first at x 2, y 1\.$/,
      );
    });

    it('a map or mask of another size', () => {
      refuses(
        ({ maps }) => (maps[3] = new Float32Array(5)),
        /^3\.png .*: expected an anomaly map of 4 x 3 = 12 pixels, found 5\.$/,
      );
      refuses(
        ({ masks }) => (masks[4] = { width: 3, height: 4, data: new Uint8Array(12) }),
        /^4\.png .*: expected a mask of 4 x 3 pixels like the map, found 3 x 4 with 12 values\.$/,
      );
    });

    it('a mask of other values than 0 and 1', () => {
      refuses(
        ({ masks }) => masks[1]?.data.fill(255),
        /^1\.png .*: expected a mask of zeros and ones, found 255\.$/,
      );
    });

    it('a good image with defect pixels', () => {
      refuses(
        ({ masks }) => (masks[0] = masks[1]),
        /^0\.png .*: expected no defect pixels in a good image, found some\.$/,
      );
    });

    it('a label other than 0 and 1', () => {
      refuses(
        ({ labels }) => (labels[5] = 2 as 1),
        /^5\.png .*: expected a label 0 or 1, found 2\.$/,
      );
    });

    it('an image score that is NaN', () => {
      const imageScores = [1, 2, NaN, 4, 5, 6];
      assert.throws(
        () => evaluateMaps({ ...testSet(), files: undefined, imageScores }),
        /^RangeError: image 2: expected a number as the image score, found NaN\.$/,
      );
    });

    it('lists of another length, and no images at all', () => {
      refuses(({ masks }) => masks.pop(), /^Expected 6 masks, one for each map, found 5\.$/);
      refuses(({ defects }) => defects.pop(), /^Expected 6 defects, one for each map, found 5\.$/);
      assert.throws(
        () => evaluateMaps({ maps: [], masks: [], labels: [], width, height }),
        /^RangeError: Expected at least one anomaly map, found none\.$/,
      );
    });
  });
});
