import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseThreshold } from '../../src/lib/anomaly-map/threshold';
import { loadImages } from '../../src/lib/data/image';
import type { Dataset, Sample } from '../../src/lib/data/sample';
import { randomTeacher } from '../../src/lib/models/teacher';
import type { Teacher } from '../../src/lib/models/teacher';
import { baselineConfig, jointConfig, preTrainingConfig } from '../../src/lib/training/config';
import type { BaselineConfigInput, TrainingConfig } from '../../src/lib/training/config';
import { loadDetector } from '../../src/lib/runs/open-run';
import { operatingThreshold } from '../../src/lib/runs/operating-threshold';
import type { EpochRecord } from '../../src/lib/training/run-folder';
import { RunFolder } from '../../src/lib/training/run-folder';
import { trainDetector } from '../../src/lib/runs/train-detector';
import type { StepEvent, TrainResult } from '../../src/lib/training/train';
import type { TrainDetectorOptions } from '../../src/lib/runs/train-detector';
import { parseSafetensors, readSafetensors } from '../../src/lib/weights/safetensors';
import { tensorCount } from '../engine/tensor-count';
import { assertNear } from '../metrics/assert-near';
import { readEventFile } from '../training/event-file';
import { tinyDataset } from '../training/tiny-dataset';

describe('trainDetector', () => {
  let folder: string;
  let dataset: Dataset;
  let teacher: Teacher;
  /** A run in one go, and what was seen of it. */
  let whole: TrainResult;
  const phases = new Set<string>();
  const countAfterEpoch: { tensors: number; native: number }[] = [];
  let tensorsAround: [number, number];

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'stfpm-training-'));
    dataset = await tinyDataset(path.join(folder, 'images'), 6);
    teacher = randomTeacher(0);
    const { tensors } = tensorCount();
    whole = await start('whole', {
      onPrepare: (phase, done, total) => phases.add(`${phase} ${done}/${total}`),
      onEpoch: () => countAfterEpoch.push(tensorCount()),
    });
    tensorsAround = [tensors, tensorCount().tensors];
  });

  after(() => {
    teacher.store.dispose();
    rmSync(folder, { recursive: true });
  });

  const inFolder = (name: string) => path.join(folder, name);

  function start(
    name: string,
    options: TrainDetectorOptions = {},
    settings: Partial<BaselineConfigInput> = {},
  ) {
    const config = baselineConfig({
      category: 'noise',
      imageSize: 32,
      epochs: 2,
      batchSize: 2,
      learningRate: 0.05,
      ...settings,
    });
    return trainDetector(config, dataset, teacher, inFolder(name), options);
  }

  const model = (name: string) => readFileSync(path.join(inFolder(name), 'model.safetensors'));
  const timeless = (records: readonly EpochRecord[]) =>
    records.map((record) => ({ ...record, seconds: 0 }));

  it('trains, and leaves a folder with all that there is to know', () => {
    assert.equal(whole.status, 'finished');
    assert.equal(whole.modelEpoch, 2);
    const [first, last] = whole.epochs.map(({ loss }) => loss);
    assert.ok(last < first, `losses ${first} and ${last}`);
    assert.ok(phases.has('images 6/6') && phases.has('teacher 6/6'));

    const run = new RunFolder(inFolder('whole'));
    assert.deepEqual(run.readEpochs(), whole.epochs);
    const summary = run.readJson('summary.json') as Record<string, unknown>;
    assert.equal(summary.status, 'finished');
    assert.equal(summary.epochs, 2);
    assert.equal(summary.finalLoss, last);
    assert.ok(!existsSync(run.file('lock')));
  });

  it('holds as many tensors after the last epoch as after the first, and none afterwards', () => {
    assert.deepEqual(countAfterEpoch[1], countAfterEpoch[0]);
    assert.equal(tensorsAround[1], tensorsAround[0]);
  });

  it('writes the numbers of each epoch for TensorBoard', () => {
    const events = readEventFile(path.join(inFolder('whole'), 'tensorboard'));
    assert.deepEqual(
      events.filter(({ tag }) => tag === 'loss').map(({ step, value }) => [step, value]),
      whole.epochs.map(({ epoch, loss }) => [epoch, Math.fround(loss)]),
    );
    assert.equal(events.filter(({ tag }) => tag === 'seconds').length, 2);
  });

  it('leaves a detector to load, with the model, its epoch and the teacher', () => {
    const { detector, modelEpoch, config } = loadDetector(inFolder('whole'));
    assert.equal(modelEpoch, 2);
    assert.equal(detector.imageSize, 32);
    assert.equal(detector.resizeFilter, 'bilinear');
    assert.equal(detector.productResolution, 'image');
    assert.equal(detector.threshold?.images, 6);
    assert.equal(config.config.category, 'noise');
    const { arrays } = readSafetensors(path.join(inFolder('whole'), 'model.safetensors'));
    const loaded = detector.student.toArrays();
    assert.equal(loaded.size, arrays.size);
    for (const [name, array] of arrays) assert.deepEqual(loaded.get(name), array, name);
    const expected = teacher.store.get('conv1.weight').dataSync();
    assert.deepEqual(detector.teacher.get('conv1.weight').dataSync(), expected);
    detector.dispose();
  });

  it('does not train a finished run again', async () => {
    const events: string[] = [];
    const result = await start('whole', {
      onPrepare: (phase) => events.push(phase),
      onStep: () => events.push('step'),
    });
    assert.deepEqual(events, []);
    assert.deepEqual(result, whole);
  });

  it('refuses fewer epochs than a run has, and leaves it as it was', async () => {
    const files = ['config.json', 'metrics.jsonl', 'summary.json', 'model.safetensors'];
    const read = () => files.map((name) => readFileSync(path.join(inFolder('whole'), name)));
    const before = read();
    await assert.rejects(
      start('whole', {}, { epochs: 1 }),
      /whole: the run has 2 epochs already, you asked for 1\./,
    );
    assert.deepEqual(read(), before);
    assert.ok(!existsSync(path.join(inFolder('whole'), 'lock')));
  });

  it('gives the same numbers for a seed on every machine, up to rounding', () => {
    const golden = [3.25164, 2.91732];
    whole.epochs.forEach(({ loss }, i) => assertNear(loss, golden[i], 0.01, `epoch ${i + 1}`));
  });

  it('gives the same losses and the same file with the features on disk, and leaves no other there', async () => {
    const counts: unknown[] = [];
    const result = await start('on-disk', {
      featureMemory: 0,
      onEpoch: () => counts.push(tensorCount()),
    });
    assert.deepEqual(timeless(result.epochs), timeless(whole.epochs));
    assert.deepEqual(model('on-disk'), model('whole'));
    assert.deepEqual(counts[0], counts[1]);
    assert.deepEqual(
      readdirSync(inFolder('on-disk')).sort(),
      readdirSync(inFolder('whole')).sort(),
    );
  });

  it('gives other numbers with another seed', async () => {
    const { epochs } = await start('seed', {}, { seed: 1, epochs: 1 });
    assert.notEqual(epochs[0].loss, whole.epochs[0].loss);
  });

  it('ends with the same numbers and the same file when it was interrupted within an epoch', async () => {
    const controller = new AbortController();
    const first = await start('interrupted', {
      signal: controller.signal,
      onStep: ({ epoch, step }) => {
        if (epoch === 2 && step === 2) controller.abort();
      },
    });
    assert.equal(first.status, 'interrupted');
    assert.equal(first.epochs.length, 1);
    const run = new RunFolder(inFolder('interrupted'));
    assert.ok(!run.finished && !existsSync(run.file('lock')));

    const second = await start('interrupted');
    assert.equal(second.status, 'finished');
    assert.deepEqual(timeless(second.epochs), timeless(whole.epochs));
    assert.ok(model('interrupted').equals(model('whole')));
  });

  it('ends with them, too, when it died, lost its metrics and was then asked for more epochs', async () => {
    await assert.rejects(
      start('died', {
        onStep: ({ epoch, step }) => {
          if (epoch === 2 && step === 2) throw new Error('killed');
        },
      }),
      /killed/,
    );
    await start('died', {}, { epochs: 1 });
    const run = new RunFolder(inFolder('died'));
    assert.ok(run.finished);
    const metrics = readFileSync(run.file('metrics.jsonl'), 'utf8');
    writeFileSync(run.file('metrics.jsonl'), metrics.slice(0, metrics.length / 2));
    let unfinished = false;
    const result = await start('died', { onStep: () => (unfinished ||= !run.finished) });
    assert.ok(unfinished, 'a run that goes on still had the summary of a finished one');
    assert.deepEqual(timeless(result.epochs), timeless(whole.epochs));
    assert.deepEqual(timeless(run.readEpochs()), timeless(whole.epochs));
    assert.ok(model('died').equals(model('whole')));
  });

  it('holds images out with protocol B and keeps the epoch with the smallest map on them', async () => {
    const models: Buffer[] = [];
    const phases = new Set<string>();
    const run = new RunFolder(inFolder('B'));
    const result = await start(
      'B',
      {
        saveSeconds: 0,
        onPrepare: (phase, done, total) => phases.add(`${phase} ${done}/${total}`),
        onEpoch: () => models.push(model('B')),
      },
      { protocol: 'B', validationShare: 0.3, epochs: 3 },
    );
    assert.ok(phases.has('images 2/2') && phases.has('images 4/4') && phases.has('teacher 4/4'));
    const validations = result.epochs.map(({ validation }) => validation ?? NaN);
    assert.ok(validations.every((value) => value > 0 && value < 1));
    const best = validations.indexOf(Math.min(...validations)) + 1;
    assert.equal(result.modelEpoch, best);
    // The operating threshold joins the header at the end.
    const arrays = (file: Buffer) => parseSafetensors(file, 'model').arrays;
    assert.deepEqual(arrays(model('B')), arrays(models[best - 1]));
    const { threshold } = parseSafetensors(model('B'), 'model').metadata;
    assert.equal(parseThreshold(threshold)?.source, 'held-out');
    assert.equal(loadedEpoch('B'), best);
    assert.equal((run.readJson('summary.json') as { modelEpoch: number }).modelEpoch, best);
  });

  function loadedEpoch(name: string): number | null {
    const { modelEpoch, detector } = loadDetector(inFolder(name));
    detector.dispose();
    return modelEpoch;
  }

  it('stops when the learning rate is far too high, with the last good model kept', async () => {
    const diverging = start('diverged', { saveSeconds: 0 }, { learningRate: 1e30, epochs: 4 });
    await assert.rejects(diverging, { name: 'TrainingDivergedError' });
    const run = new RunFolder(inFolder('diverged'));
    assert.ok(!run.finished && !existsSync(run.file('lock')));
    const records = run.readEpochs();
    assert.ok(records.every(({ loss }) => Number.isFinite(loss)));
    for (const { data } of run.loadState()?.arrays.values() ?? []) {
      assert.ok(data.every(Number.isFinite));
    }
  });

  it('refuses a folder that holds a run with other settings, and leaves it as it was', async () => {
    const config = readFileSync(path.join(inFolder('whole'), 'config.json'));
    await assert.rejects(start('whole', {}, { batchSize: 3, seed: 9 }), ({ message }: Error) => {
      assert.match(message, /whole: holds a run with other settings; choose another folder/);
      assert.match(message, /batchSize: the run has 2, you asked for 3/);
      assert.match(message, /seed: the run has 0, you asked for 9/);
      return true;
    });
    assert.deepEqual(readFileSync(path.join(inFolder('whole'), 'config.json')), config);
    assert.ok(!existsSync(path.join(inFolder('whole'), 'lock')));
  });

  it('refuses a folder in which training is going on', async () => {
    let refused: Promise<unknown> | undefined;
    await start(
      'busy',
      {
        onStep: () => {
          refused ??= assert.rejects(
            start('busy'),
            /busy.lock: process \d+ is training in this run folder/,
          );
        },
      },
      { epochs: 1 },
    );
    assert.ok(refused);
    await refused;
  });

  it('stops while it prepares, when asked to, and leaves no tensor and no lock behind', async () => {
    const before = tensorCount().tensors;
    for (const stopAt of ['images', 'teacher']) {
      const controller = new AbortController();
      const stopped = start(`stopped at ${stopAt}`, {
        signal: controller.signal,
        onPrepare: (phase) => {
          if (phase === stopAt) controller.abort();
        },
      });
      // The teacher's features of six images are one batch: there the first step sees the signal.
      if (stopAt === 'images') await assert.rejects(stopped, { name: 'AbortError' });
      else assert.equal((await stopped).status, 'interrupted');
      assert.ok(!existsSync(path.join(inFolder(`stopped at ${stopAt}`), 'lock')));
    }
    assert.equal(tensorCount().tensors, before);
  });

  it('ends with an error that names the folder when that is deleted, moved or replaced meanwhile', async () => {
    const { tensors } = tensorCount();
    const ways: [name: string, epoch: number, step: number, remove: (folder: string) => void][] = [
      ['deleted', 1, 1, (folder) => rmSync(folder, { recursive: true })],
      ['moved', 2, 1, (folder) => renameSync(folder, `${folder} away`)],
      ['replaced', 2, 3, (folder) => [rmSync(folder, { recursive: true }), mkdirSync(folder)]],
    ];
    for (const [name, epoch, step, remove] of ways) {
      const onStep = (event: StepEvent) => {
        if (event.epoch === epoch && event.step === step) remove(inFolder(name));
      };
      await assert.rejects(start(name, { onStep }), ({ name: kind, message }: Error) => {
        assert.equal(kind, 'FileError');
        assert.ok(message.startsWith(`${inFolder(name)}: expected the run folder`), message);
        return true;
      });
      if (name === 'replaced') assert.deepEqual(readdirSync(inFolder(name)), []);
      else assert.ok(!existsSync(inFolder(name)));
    }
    assert.equal(tensorCount().tensors, tensors);
  });

  it('ends so, too, when the folder is deleted after the last epoch', async () => {
    const onEpoch = ({ epoch }: EpochRecord) => {
      if (epoch === 2) rmSync(inFolder('gone'), { recursive: true });
    };
    await assert.rejects(start('gone', { onEpoch }), /gone/);
    assert.ok(!existsSync(inFolder('gone')));
  });

  it('leaves no tensor behind wherever it is stopped while it prepares', async () => {
    // More than the teacher takes at once, and both kinds of test images.
    const nine = Array.from({ length: 9 }, (_, i) => dataset.train[i % dataset.train.length]);
    const [normal] = dataset.train;
    const test: Sample[] = [
      { ...normal, split: 'test' },
      { ...normal, split: 'test', defect: 'hole', label: 1 },
    ];
    const images = { ...dataset, train: nine, test };
    const settings = { category: 'noise', imageSize: 32, epochs: 1, batchSize: 2 };
    const configs = [
      baselineConfig(settings),
      preTrainingConfig({ ...settings, autoEncoder: { kind: 'basic', widths: [0.25, 1, 1] } }),
    ];
    const stopAt = async (config: TrainingConfig, event: number, featureMemory?: number) => {
      const controller = new AbortController();
      const events: string[] = [];
      const folder = inFolder('stopped at each');
      const { tensors } = tensorCount();
      try {
        await trainDetector(config, images, teacher, folder, {
          signal: controller.signal,
          featureMemory,
          onPrepare: (phase, done, total) => {
            events.push(`${phase} ${done}/${total}`);
            if (events.length === event) controller.abort();
          },
        });
      } catch (error) {
        assert.equal((error as Error).name, 'AbortError');
      }
      assert.equal(tensorCount().tensors, tensors, `stopped at ${events.join(', ')}`);
      assert.ok(!existsSync(path.join(folder, 'lock')));
      rmSync(folder, { recursive: true });
      return events;
    };
    for (const config of configs) {
      for (const featureMemory of [undefined, 0]) {
        const all = await stopAt(config, Infinity, featureMemory);
        assert.ok(all.includes('teacher 8/9'), all.join());
        // Of the images the last of each kind will do.
        for (const [i, event] of all.entries()) {
          const [phase, next] = [event, all[i + 1]].map((text) => text?.split(' ')[0]);
          if (phase === 'teacher' || next !== phase) await stopAt(config, i + 1, featureMemory);
        }
      }
    }
  });

  describe('with auto-encoders', () => {
    const shape = { kind: 'basic' as const, widths: [0.25, 1, 1] as [number, number, number] };
    const settings = { category: 'noise', imageSize: 32, epochs: 2, batchSize: 2 };
    const fromFile = (name: string) => path.join(inFolder(name), 'model.safetensors');
    const preTrain = (name: string, options: TrainDetectorOptions = {}) =>
      trainDetector(
        preTrainingConfig({ ...settings, autoEncoder: shape }),
        { ...dataset, test: [{ ...dataset.train[0], split: 'test' }] },
        teacher,
        inFolder(name),
        options,
      );
    const join = (name: string, mode: 'pre-trained' | 'raw', options: TrainDetectorOptions) =>
      trainDetector(
        jointConfig({ ...settings, autoEncoder: shape, mode, frozenEpochs: 1, learningRate: 0.05 }),
        dataset,
        teacher,
        inFolder(name),
        options,
      );

    it('pre-trains, telling how well normal test features are copied', async () => {
      const { epochs } = await preTrain('pre');
      assert.ok(epochs[1].loss < epochs[0].loss);
      assert.ok(epochs[1].normal1! > 0 && epochs[1].normal3! > 0);
      assert.equal(epochs[1].defect1, undefined);
      const { arrays, metadata } = readSafetensors(fromFile('pre'));
      assert.ok([...arrays.keys()].every((name) => name.startsWith('autoencoder')));
      assert.equal(metadata.recipe, 'pre-training');
      assert.throws(() => loadDetector(inFolder('pre')), /found a pre-training of auto-encoders/);
    });

    it('trains jointly from there: the whole detector is one file, with its threshold', async () => {
      const { epochs } = await join('joint', 'pre-trained', { autoEncoderFile: fromFile('pre') });
      const [first, last] = epochs;
      assertNear(last.total!, last.similarity! * 2 + last.alpha! * last.reconstruction!, 1e-3);
      assert.ok(first.gradientNorm! > 0 && first.norm1! > 0);
      const { arrays, metadata } = readSafetensors(fromFile('joint'));
      assert.ok(
        arrays.has('layer1.0.conv1.weight') && arrays.has('autoencoder2.up1.transpose.bias'),
      );
      assert.equal((JSON.parse(metadata.config) as { alpha: number }).alpha, 1e-7);
      const { detector } = loadDetector(inFolder('joint'));
      assert.equal(detector.threshold?.source, 'train');
      assert.equal(detector.threshold?.images, dataset.train.length);
      assert.deepEqual(detector.autoEncoders?.config.kind, 'basic');
      detector.dispose();
    });

    it('gives the same bytes when it is stopped and gone on with', async () => {
      const controller = new AbortController();
      const options = { autoEncoderFile: fromFile('pre') };
      const stopped = await join('stopped', 'pre-trained', {
        ...options,
        signal: controller.signal,
        onStep: ({ epoch, step }) => epoch === 2 && step === 1 && controller.abort(),
      });
      assert.equal(stopped.status, 'interrupted');
      await join('stopped', 'pre-trained', options);
      assert.ok(model('stopped').equals(model('joint')));
    });

    it('refuses auto-encoders that are missing, of another shape or not asked for', async () => {
      await assert.rejects(join('none', 'pre-trained', {}), /needs pre-trained auto-encoders/);
      const given = { autoEncoderFile: fromFile('pre') };
      await assert.rejects(join('none', 'raw', given), /does not begin with pre-trained/);
      const other = jointConfig({ ...settings, autoEncoder: { kind: 'basic' } });
      await assert.rejects(
        trainDetector(other, dataset, teacher, inFolder('none'), given),
        /expected auto-encoders with .*found/,
      );
      assert.ok(!existsSync(inFolder('none')));
      await assert.rejects(
        join('joint', 'pre-trained', { autoEncoderFile: fromFile('joint') }),
        /auto-encoders: the run has .*you asked for/,
      );
    });

    it('refuses auto-encoders of another category, another size or another teacher, naming each', async () => {
      const given = { autoEncoderFile: fromFile('pre') };
      const other = jointConfig({
        ...settings,
        category: 'clouds',
        imageSize: 64,
        autoEncoder: shape,
      });
      const source = { kind: 'random' as const, name: 'another teacher', seed: 77 };
      await assert.rejects(
        trainDetector(other, dataset, { ...teacher, source }, inFolder('none'), given),
        /pre.model\.safetensors: its auto-encoders were not made for what is wanted\.\n {2}category: noise, expected clouds\n {2}image size: 32 x 32, expected 64 x 64\n {2}teacher: .*, expected another teacher$/,
      );
      assert.ok(!existsSync(inFolder('none')));
    });

    it('pre-trains on to the same bytes, too', async () => {
      const controller = new AbortController();
      const stopped = await preTrain('pre stopped', {
        signal: controller.signal,
        onStep: ({ epoch, step }) => epoch === 2 && step === 2 && controller.abort(),
      });
      assert.equal(stopped.status, 'interrupted');
      const { epochs } = await preTrain('pre stopped');
      assert.deepEqual(timeless(epochs), timeless(new RunFolder(inFolder('pre')).readEpochs()));
      assert.ok(model('pre stopped').equals(model('pre')));
    });

    it('leaves no tensor behind, however it ends', async () => {
      const before = tensorCount().tensors;
      await preTrain('counted');
      assert.equal(tensorCount().tensors, before);
      await join('counted jointly', 'raw', {});
      assert.equal(tensorCount().tensors, before);
      const killed = join('killed', 'raw', {
        onStep: () => {
          throw new Error('killed');
        },
      });
      await assert.rejects(killed, /killed/);
      assert.equal(tensorCount().tensors, before);
      assert.ok(!existsSync(path.join(inFolder('killed'), 'lock')));
    });

    it('begins with random auto-encoders of its seed where they are raw', async () => {
      await join('raw', 'raw', {});
      const run = new RunFolder(inFolder('raw'));
      assert.equal(
        (run.readJson('config.json') as { autoEncoders?: unknown }).autoEncoders,
        undefined,
      );
      assert.ok(model('raw').equals(model('counted jointly')));
      assert.ok(!model('raw').equals(model('joint')));
    });

    it('keeps pre-trained auto-encoders to the bit where they are frozen', async () => {
      const config = jointConfig({ ...settings, autoEncoder: shape, mode: 'frozen', epochs: 1 });
      const given = { autoEncoderFile: fromFile('pre') };
      await trainDetector(config, dataset, teacher, inFolder('frozen'), given);
      const trained = readSafetensors(fromFile('frozen')).arrays;
      for (const [name, array] of readSafetensors(fromFile('pre')).arrays) {
        assert.deepEqual(trained.get(name), array, name);
      }
      const none = trainDetector(config, dataset, teacher, inFolder('none'));
      await assert.rejects(none, /mode "frozen" needs pre-trained auto-encoders/);
    });

    it('takes the auto-encoders of a detector as well, and says what a file lacks', async () => {
      const { epochs } = await join('again', 'pre-trained', { autoEncoderFile: fromFile('joint') });
      assert.equal(epochs.length, 2);
      const ofBaseline = { autoEncoderFile: fromFile('whole') };
      await assert.rejects(
        join('none', 'pre-trained', ofBaseline),
        /whole.*expected auto-encoders .*found none/,
      );
      const missing = { autoEncoderFile: fromFile('nowhere') };
      await assert.rejects(join('none', 'pre-trained', missing), /nowhere.model\.safetensors/);
    });

    it('holds images out with protocol B, for the choice of the epoch and for the threshold', async () => {
      const config = jointConfig({
        ...settings,
        autoEncoder: shape,
        mode: 'raw',
        protocol: 'B',
        validationShare: 0.3,
      });
      const { epochs, modelEpoch } = await trainDetector(
        config,
        dataset,
        teacher,
        inFolder('joint B'),
      );
      const validations = epochs.map(({ validation }) => validation!);
      assert.equal(modelEpoch, validations.indexOf(Math.min(...validations)) + 1);
      const { detector } = loadDetector(inFolder('joint B'));
      assert.equal(detector.threshold?.source, 'held-out');
      assert.equal(detector.threshold?.images, 2);
      detector.dispose();
    });

    it('trains U-Nets on the smallest images that they take', async () => {
      const small = { ...settings, imageSize: 128, epochs: 1 };
      const autoEncoder = { widths: [0.0625, 0.125, 0.125] as [number, number, number] };
      const few = { ...dataset, train: dataset.train.slice(0, 2) };
      const pre = preTrainingConfig({ ...small, autoEncoder });
      await trainDetector(pre, few, teacher, inFolder('u-net'));
      const joint = jointConfig({ ...small, autoEncoder, frozenEpochs: 0 });
      const result = await trainDetector(joint, few, teacher, inFolder('u-nets'), {
        autoEncoderFile: fromFile('u-net'),
      });
      assert.ok(Number.isFinite(result.epochs[0].loss));
      const { detector } = loadDetector(inFolder('u-nets'));
      assert.deepEqual(detector.autoEncoders?.config, joint.autoEncoder);
      detector.dispose();
    });

    it('trains on copies of few images where asked to', async () => {
      const config = jointConfig({
        ...settings,
        autoEncoder: shape,
        mode: 'raw',
        augmentedImages: 4,
      });
      await trainDetector({ ...config, epochs: 1 }, dataset, teacher, inFolder('few'), {
        onPrepare: (phase, done, total) => phases.add(`few ${phase} ${done}/${total}`),
      });
      assert.ok(phases.has('few images 4/4') && phases.has('few teacher 4/4'));
    });

    it('sets the threshold of such a run from the images themselves, as it judges images later', async () => {
      const { detector, config } = loadDetector(inFolder('few'));
      assert.equal(config.config.augmentedImages, 4);
      const stack = await loadImages(dataset.train, { size: { height: 32, width: 32 } });
      const expected = await operatingThreshold(detector, stack, 'train');
      assert.equal(expected.images, dataset.train.length);
      assert.deepEqual(detector.threshold, expected);
      detector.dispose();
    });
  });
});

describe('loadDetector', () => {
  it('says which file is missing', () => {
    const nowhere = path.join(tmpdir(), 'no such run');
    assert.throws(
      () => loadDetector(nowhere),
      /no such run.config\.json: expected a file of a training run/,
    );
  });
});
