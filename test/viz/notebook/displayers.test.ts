import assert from 'node:assert/strict';
import path from 'node:path';
import { ParameterStore } from '../../../src/lib/models/parameter-store';
import { baselineConfig, preTrainingConfig } from '../../../src/lib/training/config';
import { RunFolder } from '../../../src/lib/training/run-folder';
import type { RunConfig } from '../../../src/lib/runs/run-config';
import { displayDataset } from '../../../src/viz/notebook/displayers/dataset';
import { displayDetector } from '../../../src/viz/notebook/displayers/detector';
import { displayerOf } from '../../../src/viz/notebook/displayers/index';
import { displayNetworks } from '../../../src/viz/notebook/displayers/networks';
import { displayRun } from '../../../src/viz/notebook/displayers/run';
import {
  DISPLAY_METADATA,
  JUPYTER_DISPLAY,
  type Displayable,
} from '../../../src/viz/display/mime-bundle';
import { temporaryFolder } from '../../data/temporary-folder';

async function textOf(shown: Displayable | null): Promise<string> {
  assert.ok(shown);
  return (await shown[JUPYTER_DISPLAY]())['text/plain'];
}

const config: RunConfig = {
  config: baselineConfig({ category: 'bottle', epochs: 3, imageSize: 64, seed: 5 }),
  dataset: { root: '/somewhere', trainImages: 8 },
  teacher: { kind: 'random', name: 'random initialisation, seed 0', seed: 0 },
};

function store(numbers: number): ParameterStore {
  return ParameterStore.fromArrays(
    new Map([
      ['bn.weight', { shape: [numbers], data: new Float32Array(numbers) }],
      ['bn.running_mean', { shape: [2], data: new Float32Array(2) }],
    ]),
  );
}

describe('displayers', () => {
  describe('of a run folder', () => {
    const folder = temporaryFolder();

    it('say that a run is not begun', async () => {
      const text = await textOf(displayRun(new RunFolder(folder.path('none'))));
      assert.match(text, /^Run +none\n-+ +-+\nstate +not begun$/);
    });

    it('tell the settings of a run that has no epoch yet', async () => {
      const run = new RunFolder(folder.path('begun'));
      run.writeJson('config.json', config);
      const text = await textOf(displayRun(run));
      for (const line of [/method +STFPM\n/, /image size +64 × 64\n/, /state +no epoch/]) {
        assert.match(text, line);
      }
    });

    it('draw the loss of one that has, in the size that it is made for', async () => {
      const run = new RunFolder(folder.path('half'));
      run.writeJson('config.json', config);
      run.writeEpochs([
        { epoch: 1, loss: 2, seconds: 1 },
        { epoch: 2, loss: 1, seconds: 1 },
      ]);
      const shown = displayRun(run) as Displayable;
      const bundle = await shown[JUPYTER_DISPLAY]();
      const title = JSON.stringify(bundle['application/vnd.vegalite.v5+json']);
      assert.match(title, /STFPM on bottle, 64 × 64, protocol A, seed 5; epoch 2 of 3/);
      assert.match(bundle['text/plain'], /half: 2 in the first epoch, 1 in the last of 2/);
      assert.ok((shown[DISPLAY_METADATA]?.()['image/png']?.width ?? 0) > 100);
      // A notebook that others read has no place on this machine in it.
      assert.doesNotMatch(title + bundle['text/plain'], new RegExp(path.dirname(run.folder)));
    });

    it('know a pre-training, which has no protocol', async () => {
      const run = new RunFolder(folder.path('pre'));
      run.writeJson('config.json', {
        ...config,
        config: preTrainingConfig({ category: 'bottle' }),
      });
      assert.match(await textOf(displayRun(run)), /method +pre-training of auto-encoders\n/);
    });
  });

  describe('of a detector', () => {
    const loaded = () => ({
      run: new RunFolder(path.resolve('runs', 'bottle')),
      config: { ...config, config: { ...config.config, recipe: 'joint' } },
      detector: {
        teacher: store(3),
        student: store(1234),
        autoEncoders: { store: store(7) },
        threshold: { value: 0.061616, quantile: 0.99, images: 8, source: 'train' },
        dispose: () => {},
      },
      modelEpoch: 2,
    });

    it('tell where it is from, its size and its threshold', async () => {
      const text = await textOf(displayDetector(loaded()));
      for (const line of [
        /^Detector +runs\/bottle\n/,
        /method +STFPM \+ AE\n/,
        /model +of epoch 2 of 3\n/,
        /parameters of the student +1,234\n/,
        /parameters of the auto-encoders +7\n/,
        /threshold +0\.06162: 99 % of 8 train images do not score higher$/,
      ]) {
        assert.match(text, line);
      }
    });

    it('say that an unfinished run has no threshold, and leave out what there is not', async () => {
      const { detector, ...rest } = loaded();
      const { teacher, student } = detector;
      const bare = { teacher, student, threshold: null };
      const text = await textOf(displayDetector({ ...rest, detector: bare, modelEpoch: null }));
      assert.match(text, /threshold +none was set$/);
      assert.doesNotMatch(text, /auto-encoders +\d|of epoch/);
    });

    it("count the numbers of a detector's networks, of a teacher and of one network", async () => {
      const { detector } = loaded();
      const counted = await textOf(displayNetworks(detector));
      assert.match(counted, /student +1 +1 +1,234\nauto-encoders +1 +1 +7$/);
      const teacher = { store: detector.teacher, source: { kind: 'random', name: 'seed 0' } };
      assert.match(await textOf(displayNetworks(teacher)), /teacher: seed 0 +1 +1 +3$/);
      assert.match(await textOf(displayNetworks(detector.student)), /network +1 +1 +1,234$/);
    });
  });

  describe('of a data set', () => {
    const sample = (defect: string, maskFile: string | null = null) => ({
      ...{ file: '/a.png', category: 'bottle', split: 'test', label: defect === 'good' ? 0 : 1 },
      ...{ defect, maskFile },
    });
    const dataset = {
      root: '/somewhere',
      category: 'bottle',
      train: [sample('good'), sample('good')],
      test: [sample('good'), sample('cut', '/m.png'), sample('cut')],
      warnings: ['1 defect image without a mask'],
    };

    it('count its images by kind, and repeat its warnings', async () => {
      const text = await textOf(displayDataset(dataset));
      assert.match(text, /^bottle\n/);
      assert.match(text, /train +good +2 +0\ntest +good +1 +0\ntest +cut +2 +1\n1 defect image/);
    });

    it('say what `openCategory` says of it', async () => {
      const opened = { dataset, origin: 'folder', description: 'some bottles' };
      assert.match(await textOf(displayDataset(opened)), /^some bottles\n/);
    });
  });

  it('are found for the objects that they know', async () => {
    const pixels = { width: 2, height: 1, data: new Uint8Array(6) };
    assert.equal(await textOf(displayerOf(pixels)), 'RGB image, 2 × 1');
    assert.match(await textOf(displayerOf({ ...pixels, data: new Uint8Array([0, 1]) })), /^Mask/);
    assert.match(await textOf(displayerOf(store(3))), /network +1 +1 +3$/);
  });

  it('leave alone what they do not know, whatever it holds', () => {
    for (const value of [
      null,
      undefined,
      7,
      'text',
      {},
      [],
      [null],
      new Map(),
      Object.create(null) as object,
      { image: null, pixel: null, counts: null },
      { metrics: null },
      { width: 0, height: 0, data: new Uint8Array(0) },
      { status: 'ok', epochs: [null] },
      { folder: 'x' },
      { run: null, config: null, detector: null },
      { store: null, source: null },
      { teacher: null, student: null },
      { dataset: null },
      { category: 'a', train: [null], test: [], warnings: [] },
    ]) {
      assert.equal(displayerOf(value), null);
    }
  });
});
