import assert from 'node:assert/strict';
import { jointConfig, preTrainingConfig, trainingConfig } from '../../src/lib/training/config';

const category = 'bottle';

describe('preTrainingConfig and jointConfig', () => {
  it("fill in the paper's settings", () => {
    const autoEncoder = {
      kind: 'u-net',
      widths: [0.5, 1, 2],
      skips: 'all',
      decoderConvolutions: false,
      head: false,
      crop: 0,
    };
    const shared = {
      category,
      imageSize: 256,
      resizeFilter: 'bilinear',
      valueRange: null,
      augmentedImages: 0,
      epochs: 100,
      fit: 'stretch',
      tileOverlap: null,
      maxTiles: 2000,
      roi: null,
      batchSize: 32,
      precision: 'float32',
      featurePrecision: 'float32',
      seed: 0,
      divergenceFactor: 5,
      autoEncoder,
    };
    assert.deepEqual(preTrainingConfig({ category }), {
      recipe: 'pre-training',
      ...shared,
      learningRate: 1e-3,
    });
    assert.deepEqual(jointConfig({ category }), {
      recipe: 'joint',
      ...shared,
      protocol: 'A',
      validationShare: 0.2,
      epochSteps: null,
      patience: null,
      learningRate: 0.4,
      momentum: 0.9,
      weightDecay: 1e-4,
      mode: 'pre-trained',
      autoEncoderLearningRate: 0.04,
      frozenEpochs: 5,
      alpha: 1e-7,
      dynamicAlpha: null,
      reconstruction: 'sum',
      stopGradient: false,
      clipNorm: 1,
      clipOver: 'updated',
    });
  });

  it('expect image sizes that the poolings of their auto-encoders divide', () => {
    const refused = /imageSize: with these auto-encoders a multiple of 128 is expected, found 192/;
    for (const make of [preTrainingConfig, jointConfig]) {
      assert.throws(() => make({ category, imageSize: 192 }), refused);
      assert.throws(() => make({ category, imageSize: 192, autoEncoder: { crop: 4 } }));
      assert.equal(make({ category, imageSize: 128, autoEncoder: { crop: 4 } }).imageSize, 128);
      const basic = { kind: 'basic' as const };
      assert.equal(make({ category, imageSize: 32, autoEncoder: basic }).imageSize, 32);
      assert.throws(() => make({ category, imageSize: 48, autoEncoder: basic }), /multiple of 32/);
    }
  });

  it('expect a margin that the smallest features can mirror', () => {
    const withCrop = (imageSize: number, crop: number) => () =>
      jointConfig({ category, imageSize, autoEncoder: { crop } });
    assert.throws(withCrop(128, 8), /autoEncoder\.crop: .*below 8, .*found 8/);
    assert.throws(withCrop(256, 16), /autoEncoder\.crop: .*below 16, .*found 16/);
    assert.throws(withCrop(256, 6), /autoEncoder\.crop/);
    withCrop(256, 12)();
  });

  it('name what is wrong or unknown', () => {
    assert.throws(
      () => jointConfig({ category, alpha: -1, dynamicAlpha: 0, clipNorm: 0, frozenEpochs: 0.5 }),
      ({ message }: Error) =>
        ['alpha', 'dynamicAlpha', 'clipNorm', 'frozenEpochs'].every((field) =>
          message.includes(`  ${field}:`),
        ),
    );
    assert.throws(() => preTrainingConfig({ category, momentum: 0.9 } as never), /'momentum'/);
    assert.throws(() => jointConfig({ category, autoEncoder: { depth: 3 } as never }), /'depth'/);
  });

  it('are told apart by their recipe', () => {
    assert.equal(trainingConfig({ recipe: 'joint', category }).recipe, 'joint');
    assert.equal(trainingConfig({ recipe: 'pre-training', category }).recipe, 'pre-training');
    assert.throws(() => trainingConfig({ recipe: 'other', category } as never), /recipe/);
  });
});
