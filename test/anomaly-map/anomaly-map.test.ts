import assert from 'node:assert/strict';
import { anomalyMaps, levelMap } from '../../src/lib/anomaly-map/anomaly-map';
import { tf } from '../../src/lib/engine/index';
import type { Tensor, Tensor4D } from '../../src/lib/engine/index';
import type { PyramidPair } from '../../src/lib/models/detector';
import { assertArraysNear } from '../engine/assert-arrays-near';
import { filled } from '../engine/composed-twin';
import { readGolden } from '../engine/golden';
import { assertNoTensorLeak } from '../engine/tensor-count';

interface GoldenMaps {
  shapes: number[][];
  levelMaps: number[][];
  /** Of the maps at the image size every so many pixels are stored. */
  every: number;
  upsampled: number[][];
  product: number[];
  productAtLevel1: number[];
}

const golden = readGolden<GoldenMaps>('anomaly-map', 'maps.json');
const SIZE = { height: 32, width: 48 };

const pair = () =>
  ({
    teacher: golden.shapes.map((shape, level) => filled(shape, 50 + level)),
    student: golden.shapes.map((shape, level) => filled(shape, 60 + level)),
  }) as unknown as PyramidPair;

function assertStored(map: Tensor, expected: number[], what: string): void {
  assert.deepEqual(map.shape, [2, SIZE.height, SIZE.width]);
  const stored = map.dataSync<'float32'>().filter((_, i) => i % golden.every === 0);
  assertArraysNear(stored, expected, 2e-6, what);
}

describe('levelMap', () => {
  it("is Eq. 1 at each position of a level: PyTorch's values", () => {
    tf.tidy(() => {
      const { teacher, student } = pair();
      teacher.forEach((features, level) => {
        const map = levelMap(features, student[level]);
        assert.deepEqual(map.shape, golden.shapes[level].slice(0, 3));
        assertArraysNear(map.dataSync(), golden.levelMaps[level], 2e-6);
      });
    });
  });

  it('runs from 0 for equal directions over 1 for orthogonal to 2 for opposite ones', () => {
    tf.tidy(() => {
      const teacher = tf.tensor4d([1, 0, 1, 0, 1, 0], [1, 1, 3, 2]);
      const student = tf.tensor4d([5, 0, 0, 0.1, -2, 0], [1, 1, 3, 2]);
      assertArraysNear(levelMap(teacher, student).dataSync(), [0, 1, 2], 1e-6);
    });
  });
});

describe('anomalyMaps', () => {
  it("upsamples each level to the image size: PyTorch's values", () => {
    tf.tidy(() => {
      const { levels } = anomalyMaps(pair(), SIZE);
      levels.forEach((map, i) => assertStored(map, golden.upsampled[i], `level ${i + 1}`));
    });
  });

  it('takes the product of Eq. 2 at the image size, unless asked otherwise', () => {
    tf.tidy(() => {
      assertStored(anomalyMaps(pair(), SIZE).product, golden.product, 'product');
      assertStored(anomalyMaps(pair(), SIZE, 'image').product, golden.product, 'product');
    });
  });

  it("can take the product at the first level's size and upsample it", () => {
    tf.tidy(() => {
      const { product, levels } = anomalyMaps(pair(), SIZE, 'level1');
      assertStored(product, golden.productAtLevel1, 'product');
      levels.forEach((map, i) => assertStored(map, golden.upsampled[i], `level ${i + 1}`));
    });
  });

  it('treats each image of a batch alone', () => {
    tf.tidy(() => {
      const both = pair();
      const second = (level: Tensor4D) => tf.slice(level, [1, 0, 0, 0], [1, -1, -1, -1]);
      const alone = anomalyMaps(
        {
          teacher: both.teacher.map(second) as PyramidPair['teacher'],
          student: both.student.map(second) as PyramidPair['student'],
        },
        SIZE,
      );
      const expected = anomalyMaps(both, SIZE).product.dataSync<'float32'>();
      assertArraysNear(alone.product.dataSync(), expected.slice(SIZE.height * SIZE.width), 1e-6);
    });
  });

  it('leaves nothing but the four maps behind', () => {
    const features = pair();
    for (const resolution of ['image', 'level1'] as const) {
      assertNoTensorLeak(() => {
        const { levels, product } = anomalyMaps(features, SIZE, resolution);
        tf.dispose([product, ...levels]);
      });
    }
    tf.dispose([...features.teacher, ...features.student]);
  });
});
