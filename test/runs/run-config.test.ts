import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { baselineConfig } from '../../src/lib/training/config';
import type { BaselineConfig, BaselineConfigInput } from '../../src/lib/training/config';
import { methodConfig } from '../../src/lib/methods/index';
import { RunFolder } from '../../src/lib/training/run-folder';
import { claimRun, epochsOf, learningSeconds, readRunConfig } from '../../src/lib/runs/run-config';
import type { RunConfig } from '../../src/lib/runs/run-config';
import { useTemporaryFolder } from '../weights/temporary-folder';

/** With an epoch, so that there is something to go on with. */
function begun(run: RunFolder): RunFolder {
  run.writeEpochs([{ epoch: 1, loss: 1, seconds: 1 }]);
  return run;
}

const wanted = (settings: Partial<BaselineConfigInput> = {}): RunConfig => ({
  config: baselineConfig({ category: 'bottle', ...settings }),
  dataset: { root: '/data', trainImages: 209 },
  teacher: { kind: 'file', name: 'resnet18.pth', sha256: 'abc', file: '/weights/resnet18.pth' },
});

describe('claimRun', () => {
  const inFolder = useTemporaryFolder();
  const claimed = (settings: Partial<BaselineConfigInput> = {}) => {
    const run = new RunFolder(inFolder('run'));
    claimRun(run, wanted(settings));
    return run;
  };

  it('records the settings of a new run, defaults included', () => {
    const run = claimed();
    assert.deepEqual(readRunConfig(run), wanted());
    assert.equal((readRunConfig(run).config as BaselineConfig).learningRate, 0.4);
  });

  it('says which version of the format a run has, and refuses a later one', () => {
    const run = claimed();
    const written = run.readJson('config.json') as object;
    assert.equal((written as { formatVersion: number }).formatVersion, 1);
    run.writeJson('config.json', { ...wanted() });
    assert.deepEqual(readRunConfig(run), wanted());
    run.writeJson('config.json', { ...written, formatVersion: 3 });
    assert.throws(
      () => readRunConfig(run),
      /config\.json: expected a run of version 2, found version 3/,
    );
  });

  it('refuses another region of interest by name, and takes the same one from another file', () => {
    const region = {
      ...({ of: 'all', name: 'roi.png', sha256: 'a1b2c3d4e5', width: 4, height: 2 } as const),
      runs: '2 3 3',
    };
    const run = claimed({ roi: region });
    const written = run.readJson('config.json') as { formatVersion: number };
    assert.equal(written.formatVersion, 2);
    run.writeJson('summary.json', { epochs: 1 });
    claimRun(run, wanted({ roi: { ...region, name: 'roi.json', sha256: 'f0' } }));
    assert.throws(
      () => claimRun(run, wanted({ roi: { ...region, name: 'other.png', runs: '2 4 2' } })),
      /region of interest: the run has roi\.(png|json) .*, you asked for other\.png \(SHA-256 a1b2c3d4…\)/,
    );
    assert.throws(() => claimRun(run, wanted()), /region of interest: .* you asked for none/);
  });

  it('lets a run go on with more epochs, and wherever its images and weights now are', () => {
    const run = claimed({ epochs: 10 });
    const moved = wanted({ epochs: 20, divergenceFactor: 9 });
    moved.dataset.root = '/elsewhere';
    moved.teacher = { ...moved.teacher, file: '/elsewhere/teacher.pth', name: 'teacher.pth' };
    claimRun(run, moved);
    assert.deepEqual(readRunConfig(run), moved);
  });

  it('takes a run that says no precision for one in float32, and mixes no two', () => {
    const run = begun(claimed());
    const written = run.readJson('config.json') as { config: { precision?: string } };
    assert.equal(written.config.precision, 'float32');
    delete written.config.precision;
    run.writeJson('config.json', written);
    claimRun(run, wanted());
    assert.throws(
      () => claimRun(run, wanted({ precision: 'bfloat16' })),
      /precision: the run has float32, you asked for bfloat16/,
    );
  });

  it('keeps the length of a run whose learning rate falls towards its end', () => {
    const cosine = { learningRateDecay: 'cosine' } as const;
    const run = begun(claimed({ ...cosine, epochs: 10 }));
    assert.throws(() => claimRun(run, wanted({ ...cosine, epochs: 20 })), /epochs: the run has 10/);
    claimRun(run, wanted({ ...cosine, epochs: 10, divergenceFactor: 9 }));
  });

  it('keeps the length of a student that something else was learnt from', () => {
    const run = new RunFolder(inFolder('fusion'));
    const of = (epochs: number): RunConfig => ({
      ...wanted(),
      config: methodConfig({ recipe: 'fusion', category: 'bottle', epochs }),
    });
    claimRun(run, of(10));
    begun(run);
    assert.throws(() => claimRun(run, of(20)), /epochs: the run has 10, you asked for 20/);
  });

  it('leaves the configuration of a finished run as it is, and of one with more epochs', () => {
    const run = claimed({ epochs: 2 });
    run.writeEpochs([1, 2].map((epoch) => ({ epoch, loss: 1, seconds: 1 })));
    run.writeJson('summary.json', { modelEpoch: 2 });
    const before = readFileSync(run.file('config.json'));
    claimRun(run, wanted({ epochs: 2, divergenceFactor: 9 }));
    assert.deepEqual(readFileSync(run.file('config.json')), before);
    for (const isFinished of [true, false]) {
      if (!isFinished) run.remove('summary.json');
      assert.throws(() => claimRun(run, wanted({ epochs: 1 })), {
        message: `${run.folder}: the run has 2 epochs already, you asked for 1.`,
      });
      assert.deepEqual(readFileSync(run.file('config.json')), before);
    }
    claimRun(run, wanted({ epochs: 3 }));
    assert.equal(epochsOf(readRunConfig(run).config), 3);
  });

  it('lets a run of which nothing has come yet begin with other settings', () => {
    const run = claimed();
    claimRun(run, wanted({ imageSize: 128 }));
    assert.equal(readRunConfig(run).config.imageSize, 128);
  });

  it('names every setting in which the run differs, and changes nothing', () => {
    const run = begun(claimed());
    const before = readFileSync(run.file('config.json'));
    const settings = wanted({
      category: 'leather',
      imageSize: 128,
      resizeFilter: 'lanczos3',
      protocol: 'B',
      batchSize: 8,
      learningRate: 0.1,
      momentum: 0.5,
      weightDecay: 0,
      seed: 3,
    });
    settings.dataset.trainImages = 245;
    settings.teacher = { kind: 'file', name: 'other.pth', sha256: 'def' };
    assert.throws(
      () => claimRun(run, settings),
      ({ message }: Error) => {
        assert.deepEqual(message.split('\n  '), [
          `${run.folder}: holds a run with other settings; choose another folder.`,
          'category: the run has bottle, you asked for leather',
          'imageSize: the run has 256, you asked for 128',
          'resizeFilter: the run has bilinear, you asked for lanczos3',
          'batchSize: the run has 32, you asked for 8',
          'seed: the run has 0, you asked for 3',
          'protocol: the run has A, you asked for B',
          'learningRate: the run has 0.4, you asked for 0.1',
          'momentum: the run has 0.9, you asked for 0.5',
          'weightDecay: the run has 0.0001, you asked for 0',
          'teacher: the run has resnet18.pth, you asked for other.pth',
          'train images: the run has 209, the data set has 245',
        ]);
        return true;
      },
    );
    assert.deepEqual(readFileSync(run.file('config.json')), before);
  });

  it('tells a random teacher from a trained one and from one of another seed', () => {
    const run = begun(claimed());
    const random = (seed: number): RunConfig => ({
      ...wanted(),
      teacher: { kind: 'random', name: `random initialisation, seed ${seed}`, seed },
    });
    assert.throws(() => claimRun(run, random(0)), /teacher: the run has resnet18\.pth/);
    const other = new RunFolder(inFolder('other'));
    claimRun(other, random(0));
    begun(other);
    claimRun(other, random(0));
    assert.throws(() => claimRun(other, random(1)), /has random initialisation, seed 0, you asked/);
  });
});

describe('readRunConfig', () => {
  const inFolder = useTemporaryFolder();
  const withConfig = (text: string) => {
    const run = new RunFolder(inFolder(''));
    writeFileSync(run.file('config.json'), text);
    return () => readRunConfig(run);
  };

  it('names the file that is missing, no JSON, or not the configuration of a run', () => {
    const missing = new RunFolder(inFolder('nowhere'));
    assert.throws(
      () => readRunConfig(missing),
      /nowhere.config\.json: expected a file of a training/,
    );
    assert.throws(
      withConfig('{"config":'),
      /config\.json: expected a file of a training run, found something else than JSON/,
    );
    assert.throws(
      withConfig(JSON.stringify({ ...wanted(), dataset: { root: 1 } })),
      /config\.json: expected the configuration of a run, found an invalid one:\n {2}dataset\.root: .*\n {2}dataset\.trainImages/,
    );
  });
});

describe('baselineConfig', () => {
  it("fills in the paper's settings", () => {
    assert.deepEqual(baselineConfig({ category: 'bottle' }), {
      recipe: 'baseline',
      category: 'bottle',
      imageSize: 256,
      fit: 'stretch',
      tileOverlap: null,
      maxTiles: 2000,
      resizeFilter: 'bilinear',
      roi: null,
      valueRange: null,
      protocol: 'A',
      validationShare: 0.2,
      epochs: 100,
      augmentedImages: 0,
      batchSize: 32,
      learningRate: 0.4,
      learningRateDecay: 'none',
      momentum: 0.9,
      weightAverage: null,
      warmUpSteps: 0,
      clipNorm: null,
      epochSteps: null,
      patience: null,
      precision: 'float32',
      featurePrecision: 'float32',
      weightDecay: 1e-4,
      seed: 0,
      divergenceFactor: 5,
    });
  });

  it('lists every field that is wrong or unknown', () => {
    assert.throws(
      () =>
        baselineConfig({
          category: '',
          imageSize: 100,
          momentum: 1,
          epoch: 3,
        } as BaselineConfigInput),
      ({ message }: Error) => {
        const lines = message.split('\n');
        assert.equal(lines[0], 'The training configuration is not valid:');
        for (const field of ['  category:', '  imageSize:', '  momentum:', "'epoch'"]) {
          assert.ok(
            lines.some((line) => line.includes(field)),
            field,
          );
        }
        return true;
      },
    );
  });
});

describe('what a run has come to', () => {
  const inFolder = useTemporaryFolder();
  const epoch = (n: number) => ({ epoch: n, loss: 1 / n, seconds: 2 });

  for (const [what, second] of [
    ['a number that is too large', '{"epoch":2,"loss":1e999,"seconds":2}'],
    ['a text for a number', '{"epoch":2,"loss":"0.5","seconds":2}'],
    ['no loss', '{"epoch":2,"seconds":2}'],
    ['another epoch', '{"epoch":-1,"loss":0.5,"seconds":2}'],
    ['negative seconds', '{"epoch":2,"loss":0.5,"seconds":-2}'],
    ['no record', 'null'],
  ]) {
    it(`is refused with ${what} in a line, which it names`, () => {
      const run = new RunFolder(inFolder('.'));
      writeFileSync(run.file('metrics.jsonl'), [JSON.stringify(epoch(1)), second, ''].join('\n'));
      assert.throws(
        () => run.readEpochs(),
        (error: Error) => {
          assert.match(error.message, /metrics\.jsonl: expected the losses of epoch 2 in its line/);
          assert.ok(error.message.includes(second));
          return true;
        },
      );
    });
  }

  it('goes without the line that a killed process cut short', () => {
    const run = new RunFolder(inFolder('.'));
    writeFileSync(run.file('metrics.jsonl'), `${JSON.stringify(epoch(1))}\n{"epoch":2,"lo`);
    assert.deepEqual(run.readEpochs(), [epoch(1)]);
  });

  it('took a time, or the summary is refused', () => {
    const run = new RunFolder(inFolder('.'));
    writeFileSync(run.file('metrics.jsonl'), `${JSON.stringify(epoch(1))}\n`);
    run.writeJson('summary.json', { seconds: 3 });
    assert.equal(learningSeconds(run), 5);
    for (const seconds of ['3', -3, [3], null]) {
      run.writeJson('summary.json', { seconds });
      assert.throws(() => learningSeconds(run), /summary\.json: expected a number of seconds/);
    }
  });
});
