import assert from 'node:assert/strict';
import { tensorCount } from '../engine/tensor-count';
import { readSafetensors } from '../../src/lib/weights/safetensors';
import { methodConfig } from '../../src/lib/methods/index';
import type { Dataset } from '../../src/lib/data/sample';
import { randomTeacher } from '../../src/lib/models/teacher';
import type { Teacher } from '../../src/lib/models/teacher';
import { openRun } from '../../src/lib/runs/open-run';
import { learningSeconds } from '../../src/lib/runs/run-config';
import { settingsForStudentOf } from '../../src/lib/runs/student-run';
import { trainDetector } from '../../src/lib/runs/train-detector';
import { RunFolder } from '../../src/lib/training/run-folder';
import { temporaryFolder } from '../data/temporary-folder';
import { tinyDataset } from '../training/tiny-dataset';

describe('a student that is taken over', () => {
  const folder = temporaryFolder();
  const shared = { category: 'noise', imageSize: 32, validationShare: 0.34 };
  let dataset: Dataset;
  let teacher: Teacher;

  const train = (name: string, settings: object, studentRun?: string) =>
    trainDetector(methodConfig({ ...shared, ...settings }), dataset, teacher, folder.path(name), {
      studentRun,
    });
  const student = (name: string, settings: object = {}) =>
    train(name, { recipe: 'baseline', protocol: 'B', epochs: 1, batchSize: 2, ...settings });
  const joined = (name: string, settings: object, from?: string) =>
    train(name, { recipe: 'levels-and-memory', maxEntries: 10, ...settings }, from);

  before(async () => {
    dataset = await tinyDataset(folder.path('images'), 6);
    teacher = randomTeacher(0);
    await student('student');
  });
  after(() => teacher.store.dispose());

  it('is the one of its run, and its training counts', async () => {
    const run = folder.path('student');
    const before = tensorCount();
    await joined('joined', settingsForStudentOf(run), run);
    assert.deepEqual(tensorCount(), before);
    const arraysOf = (name: string) =>
      readSafetensors(folder.path(`${name}/model.safetensors`)).arrays;
    const model = arraysOf('joined');
    for (const [name, { data }] of arraysOf('student'))
      assert.deepEqual(model.get(name)!.data, data);
    const seconds = (name: string) => learningSeconds(new RunFolder(folder.path(name)));
    assert.ok(seconds('joined') > seconds('student'));
    const { config } = openRun(folder.path('joined'));
    assert.equal(config.student?.file, folder.path('student/model.safetensors'));
    const again = await joined('joined', settingsForStudentOf(run), run);
    assert.equal(again.status, 'finished');
  });

  it('must have seen the same images, and held the same ones out', async () => {
    await student('of-protocol-A', { protocol: 'A' });
    await student('of-seed-1', { seed: 1, validationShare: 0.5 });
    const refused = (from: string, message: RegExp) =>
      assert.rejects(joined(`from-${from}`, { epochs: 0 }, folder.path(from)), message);
    await refused('of-protocol-A', /of-protocol-A: .*\n {2}protocol: A, which holds no images out/);
    await refused(
      'of-seed-1',
      /\n {2}seed: 1, expected 0\n {2}validationShare: 0\.5, expected 0\.34/,
    );
    await refused('joined', /expected a run with a student, found one of levels-and-memory/);
  });

  it('is asked for where it is needed, and refused where it is not', async () => {
    await assert.rejects(joined('none', { epochs: 0 }), /name the run/);
    const run = folder.path('student');
    await assert.rejects(joined('two', { epochs: 1 }, run), /with 0 epochs alone/);
    await assert.rejects(train('other', { recipe: 'patchcore' }, run), /by no run of this method/);
  });
});
