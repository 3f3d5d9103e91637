import assert from 'node:assert/strict';
import { tf } from '../../src/lib/engine/index';
import type { Tensor4D } from '../../src/lib/engine/index';
import { BatchStatistics } from '../../src/lib/models/batch-statistics';
import { ParameterStore } from '../../src/lib/models/parameter-store';
import { resnet18, resnet18Shapes } from '../../src/lib/models/resnet18';
import { readGolden } from '../engine/golden';
import { assertNoTensorLeak } from '../engine/tensor-count';
import { fill, backboneArrays } from './fill';
import { assertSketch } from './sketch';

interface GoldenLevel {
  shape: number[];
  sketch: number[];
}

interface GoldenBackbone {
  inference: GoldenLevel[];
  training: GoldenLevel[];
  running: Record<string, number[]>;
}

describe('resnet18Shapes', () => {
  it("lists torchvision's arrays up to layer3, in torchvision's order", () => {
    const golden = readGolden<[string, number[]][]>('models', 'resnet18-shapes.json');
    assert.deepEqual([...resnet18Shapes()], golden);
  });

  it('holds 2,782,784 parameters, running statistics not counted', () => {
    const store = ParameterStore.fromArrays(backboneArrays(0));
    assert.equal(store.size, 2_782_784);
    store.dispose();
  });
});

describe('resnet18', () => {
  const golden = readGolden<GoldenBackbone>('models', 'trunk.json');
  let store: ParameterStore;
  let images: Tensor4D;

  beforeEach(() => {
    store = ParameterStore.fromArrays(backboneArrays(100));
    images = tf.tensor4d(fill([2, 64, 48, 3], 10, 2), [2, 64, 48, 3]);
  });

  afterEach(() => {
    store.dispose();
    images.dispose();
  });

  function assertLevels(levels: Tensor4D[], expected: GoldenLevel[]): void {
    levels.forEach((level, i) => {
      assert.deepEqual(level.shape, expected[i].shape);
      assertSketch(level.dataSync(), expected[i].sketch, 1e-5, `level ${i + 1}`);
    });
  }

  it("gives torchvision's features of three levels in inference mode", () => {
    const levels = resnet18(store, images);
    assertLevels(levels, golden.inference);
    tf.dispose(levels);
  });

  it("gives torchvision's features in training mode, and its running statistics after it", () => {
    const statistics = new BatchStatistics();
    const levels = resnet18(store, images, statistics);
    assertLevels(levels, golden.training);
    statistics.applyTo(store);
    for (const [name, expected] of Object.entries(golden.running)) {
      assertSketch(store.get(name).dataSync(), expected, 1e-5, name);
    }
    assert.deepEqual(Object.keys(golden.running).sort(), [...store.buffers.keys()].sort());
    tf.dispose(levels);
  });

  it('does not touch the running statistics before they are applied', () => {
    const statistics = new BatchStatistics();
    tf.dispose(resnet18(store, images, statistics));
    statistics.dispose();
    assert.deepEqual(store.toArrays(), backboneArraysInStoreOrder());
  });

  function backboneArraysInStoreOrder() {
    const arrays = backboneArrays(100);
    return new Map([...store.toArrays().keys()].map((name) => [name, arrays.get(name)]));
  }

  it('leaves no tensors behind inside a tidy, in either mode', () => {
    const statistics = new BatchStatistics();
    assertNoTensorLeak(() => tf.tidy(() => void resnet18(store, images)));
    assertNoTensorLeak(() => {
      tf.tidy(() => void resnet18(store, images, statistics));
      statistics.applyTo(store);
    });
  });
});
