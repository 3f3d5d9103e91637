import assert from 'node:assert/strict';
import { rmSync, symlinkSync } from 'node:fs';
import { relative } from 'node:path';
import { openCategory } from '../../src/lib/data/open-category';
import { foldersIn, openFolders } from '../../src/lib/data/open-folders';
import type { OpenFoldersOptions } from '../../src/lib/data/open-folders';
import type { Dataset, Sample } from '../../src/lib/data/sample';
import { temporaryFolder } from './temporary-folder';

describe('openFolders', () => {
  const { path, write } = temporaryFolder();
  /** Files whose content is their name: nothing is decoded. */
  const files = (folder: string, names: readonly string[]) => {
    for (const name of names) write(`${folder}/${name}`, `${folder}/${name}`);
  };
  const numbered = (count: number, name = '') =>
    Array.from({ length: count }, (_, i) => `${name}${i}.png`);
  const open = async (options: OpenFoldersOptions) => (await openFolders(options)).dataset;
  const names = (samples: readonly Sample[], folder: string) =>
    samples.map(({ file }) => relative(path(folder), file));
  const good = ({ train, heldOut = [], test }: Dataset) => [
    ...train,
    ...heldOut,
    ...test.filter(({ label }) => label === 0),
  ];

  it('divides good images, and pairs bad ones with their masks', async () => {
    files('screws/good', numbered(20));
    files('screws/bad', ['scratch/0.png', 'scratch/1.png', 'dent/0.jpg', '9.png']);
    files('screws/masks', ['scratch/0.png', 'scratch/1_mask.png', 'dent/0.png', 'bad/9.png']);
    const dataset = await open({
      good: path('screws/good'),
      bad: path('screws/bad'),
      masks: path('screws/masks'),
    });
    const { category, root, train, heldOut, test, division, warnings } = dataset;
    assert.equal(category, 'screws');
    assert.equal(root, path('screws'));
    assert.deepEqual([train.length, heldOut?.length, test.length], [12, 4, 8]);
    assert.deepEqual(new Set(names(good(dataset), 'screws/good')), new Set(numbered(20)));
    assert.deepEqual(
      test
        .filter(({ label }) => label === 1)
        .map(({ file, defect, maskFile }) =>
          [file, defect, maskFile].map((each) => each?.replace(path(), '')),
        ),
      [
        ['/screws/bad/9.png', 'bad', '/screws/masks/bad/9.png'],
        ['/screws/bad/dent/0.jpg', 'dent', '/screws/masks/dent/0.png'],
        ['/screws/bad/scratch/0.png', 'scratch', '/screws/masks/scratch/0.png'],
        ['/screws/bad/scratch/1.png', 'scratch', '/screws/masks/scratch/1_mask.png'],
      ],
    );
    assert.deepEqual(division, { by: 'seed', seed: 0 });
    assert.deepEqual(warnings, []);
  });

  it('is called by its folder, as it is, by the one above where that is called good, or as it is told', async () => {
    files('names/bottle/good', numbered(5));
    files('names/plates', numbered(5));
    files('names/nuts/train/OK', numbered(5));
    const called = async (good: string, name?: string) =>
      (await open({ good: path('names', good), name })).category;
    assert.equal(await called('bottle/good'), 'bottle');
    assert.equal(await called('plates'), 'plates');
    assert.equal(await called('nuts/train/OK'), 'nuts');
    assert.equal(await called('plates', 'other'), 'other');
  });

  it('takes roles as given where good test images are named, the layout of MVTec AD too', async () => {
    files('given/train/good', numbered(5));
    files('given/test', ['good/0.png', 'crack/0.png']);
    files('given/ground_truth', ['crack/0_mask.png']);
    const dataset = await open({
      good: path('given/train/good'),
      bad: path('given/test'),
      masks: path('given/ground_truth'),
    });
    assert.deepEqual(names(dataset.train, 'given/train/good'), numbered(5));
    assert.equal(dataset.heldOut, undefined);
    assert.deepEqual(names(dataset.test, 'given/test'), ['good/0.png', 'crack/0.png']);
    assert.deepEqual(
      dataset.test.map(({ label }) => label),
      [0, 1],
    );
    assert.deepEqual(dataset.division, { by: 'given' });
    assert.deepEqual(dataset.warnings, ['taken for good test images by their name: test/good']);
    files('more-good', ['7.png']);
    const more = await open({ good: path('given/train/good'), testGood: path('more-good') });
    assert.deepEqual(names(more.test, 'more-good'), ['7.png']);
    assert.equal(more.train.length, 5);
  });

  it('keeps images of one part together, and out of training where it has a defect', async () => {
    const parts = Array.from(
      { length: 60 },
      (_, i) => `part${i % 12}_shot${Math.floor(i / 12)}.png`,
    );
    files('parts/good', parts);
    files('parts/bad', ['part3_shot9.png', 'odd.png']);
    const dataset = await open({
      good: path('parts/good'),
      bad: path('parts/bad'),
      groupBy: 'part(\\d+)_',
    });
    const partsOf = (samples: readonly Sample[] = []) => new Set(samples.map(({ group }) => group));
    const [train, heldOut, test] = [dataset.train, dataset.heldOut, dataset.test].map(partsOf);
    assert.ok(test.has('3'));
    for (const group of test) assert.ok(!train.has(group) && !heldOut.has(group), group);
    for (const group of heldOut) assert.ok(!train.has(group), group);
    const alone = /^1 image that the pattern .* does not match, .*: odd\.png$/;
    assert.ok(dataset.warnings.some((text) => alone.test(text)));
    await assert.rejects(
      open({ good: path('parts/good'), groupBy: 'camera(\\d)' }),
      /matches file names such as part0_shot0\.png, found camera\(\\d\), which matches none/,
    );
    await assert.rejects(
      open({ good: path('parts/good'), groupBy: '(' }),
      /regular expression.*"\("/,
    );
    files('parts/more', ['part3_shot99.png']);
    await assert.rejects(
      open({ good: path('parts/good'), testGood: path('parts/more'), groupBy: 'part(\\d+)_' }),
      /expected groups that are trained or tested on, found both of "3"/,
    );
  });

  it('tells masks from images, and finds those that lie beside', async () => {
    files('beside/good', [...numbered(5), '0_mask.png']);
    files('beside/bad', ['0.png', '0_mask.png', '1.png', '1.json', 'death_mask.png']);
    const dataset = await open({ good: path('beside/good'), bad: path('beside/bad') });
    assert.equal(good(dataset).length, 5);
    const bad = dataset.test.filter(({ label }) => label === 1);
    assert.deepEqual(
      bad.map(({ maskFile }) => maskFile && relative(path('beside/bad'), maskFile)),
      ['0_mask.png', '1.json', null],
    );
    assert.match(
      dataset.warnings[0],
      /^2 masks among the images, not taken for images: good\/0_mask\.png and bad\/0_mask\.png$/,
    );
  });

  it('pairs names in any normal form', async () => {
    files('forms/good', numbered(5));
    files('forms/bad', ['prüfung.png'.normalize('NFC')]);
    files('forms/masks', ['prüfung_mask.png'.normalize('NFD')]);
    const { test } = await open({
      good: path('forms/good'),
      bad: path('forms/bad'),
      masks: path('forms/masks'),
    });
    assert.ok(test.find(({ label }) => label === 1)?.maskFile?.includes('masks'));
  });

  it('gives a mask that several images could claim to none of them, and says so', async () => {
    files('claims/good', numbered(5));
    files('claims/bad', ['dent/0.png', 'scratch/0.png', 'scratch/1.png', 'scratch/1.jpg']);
    files('claims/bad', ['scratch/2.png']);
    files('claims/masks', numbered(3));
    const folders = { good: path('claims/good'), bad: path('claims/bad') };
    const ofDefects = async (masks: string) => {
      const { test, warnings } = await open({ ...folders, masks: path(masks) });
      const defects = test.filter(({ label }) => label === 1);
      const masked = defects.filter(({ maskFile }) => maskFile !== null);
      return { masked: names(masked, 'claims/bad'), warnings };
    };
    const { masked, warnings } = await ofDefects('claims/masks');
    assert.deepEqual(masked, ['scratch/2.png']);
    assert.deepEqual(warnings, [
      '2 masks with the name of several images: nobody can say of which, and these images are left out of the pixel metrics: ' +
        'masks/0.png (bad/dent/0.png and bad/scratch/0.png) and masks/1.png (bad/scratch/1.jpg and bad/scratch/1.png)',
    ]);

    const coco = (name: string, ...images: string[]) =>
      write(
        `claims/${name}`,
        JSON.stringify({
          images: images.map((file, id) => ({ id, file_name: file, width: 8, height: 8 })),
          annotations: [],
        }),
      );
    coco('flat.json', '0.png', '2.png');
    assert.deepEqual((await ofDefects('claims/flat.json')).masked, ['scratch/2.png']);
    coco('apart.json', 'dent/0.png', 'scratch/0.png');
    const apart = await ofDefects('claims/apart.json');
    assert.deepEqual(apart.masked, ['dent/0.png', 'scratch/0.png']);
    const both = [path('claims/apart.json'), path('claims/again.json')];
    coco('again.json', 'dent/0.png');
    await assert.rejects(
      open({ ...folders, masks: both }),
      /again\.json: expected the only annotations of 'dent\/0', found others in .*apart\.json$/,
    );
  });

  it('finds a mask of the very name of an image that is called like a mask', async () => {
    files('namesakes/good', numbered(5));
    files('namesakes/bad', ['back_label.png', 'front_label.png']);
    files('namesakes/masks', ['back_label.png', 'front_label_mask.png']);
    const { test, warnings } = await open({
      good: path('namesakes/good'),
      bad: path('namesakes/bad'),
      masks: path('namesakes/masks'),
    });
    const masks = test.flatMap(({ maskFile }) => maskFile ?? []);
    assert.deepEqual(
      masks.map((file) => relative(path('namesakes/masks'), file)),
      ['back_label.png', 'front_label_mask.png'],
    );
    assert.deepEqual(warnings, []);
  });

  it('counts copies once where it says that there are too few images to hold some out', async () => {
    for (const name of numbered(6)) write(`copies/good/${name}`, 'the same');
    assert.deepEqual((await open({ good: path('copies/good') })).warnings, [
      '6 good images (1 without copies and others of the same group) are too few to hold some out: there are none to ' +
        'set a threshold or to test on',
    ]);
  });

  it('names a link to nothing', async () => {
    files('dead/good', numbered(5));
    symlinkSync('nowhere', path('dead/good/link.png'));
    await assert.rejects(
      open({ good: path('dead/good') }),
      /link\.png: expected a file that can be read, found nothing there, or a link to nothing$/,
    );
  });

  it('finds the masks of an image in a folder of its name', async () => {
    files('loco/good', numbered(5));
    files('loco/bad', ['000.png']);
    files('loco/masks', ['000/000.png', '000/001.png']);
    const { test, warnings } = await open({
      good: path('loco/good'),
      bad: path('loco/bad'),
      masks: path('loco/masks'),
    });
    assert.equal(test.find(({ label }) => label === 1)?.maskFile, path('loco/masks/000'));
    assert.deepEqual(warnings, []);
  });

  it('says in one line that there are no masks', async () => {
    files('bare/good', numbered(5));
    files('bare/bad', numbered(30));
    const { warnings } = await open({ good: path('bare/good'), bad: path('bare/bad') });
    assert.deepEqual(warnings, ['no masks: metrics of whole images alone']);
  });

  it('names a picture that is good and bad, and copies between train and test', async () => {
    files('copies/good', numbered(5));
    write('copies/bad/x.png', 'copies/good/2.png');
    write('copies/test/y.png', 'copies/good/3.png');
    const { warnings } = await open({
      good: path('copies/good'),
      bad: path('copies/bad'),
      testGood: path('copies/test'),
    });
    assert.ok(
      warnings.some((text) => /labelled wrongly once: bad\/x\.png = good\/2\.png$/.test(text)),
    );
    assert.ok(warnings.some((text) => /trained on .*: test\/y\.png = good\/3\.png$/.test(text)));
  });

  it('refuses folders that contradict their names, overlap or hold nothing', async () => {
    files('wrong/good', [...numbered(3), 'NOK/0.png']);
    await assert.rejects(open({ good: path('wrong/good') }), /found a folder "NOK" in it/);
    rmSync(path('wrong/good/NOK'), { recursive: true });
    await assert.rejects(open({ good: path('wrong/good'), bad: path('wrong/good') }), /apart from/);
    files('wrong/ok', numbered(2));
    await assert.rejects(open({ good: path('wrong/good'), bad: path('wrong/ok') }), /called like/);
    await assert.rejects(open({ good: path('nowhere') }), /found no such folder/);
    await assert.rejects(
      open({ good: path('wrong/good'), bad: path('wrong/ok', '0.png') }),
      /found a file/,
    );
  });

  it('opens what the environment of a notebook names', async () => {
    files('notebook', ['good/0.png', 'good/1.png', 'good/2.png', 'bad/0.png']);
    process.env.STFPM_GOOD = path('notebook/good');
    process.env.STFPM_BAD = path('notebook/bad');
    try {
      const { dataset, origin } = await openCategory({ category: 'nuts' });
      assert.equal(origin, 'folder');
      assert.equal(dataset.category, 'nuts');
      assert.deepEqual(names(dataset.test, 'notebook').at(-1), 'bad/0.png');
    } finally {
      delete process.env.STFPM_GOOD;
      delete process.env.STFPM_BAD;
    }
  });

  it('says what a folder with others in it seems to be', () => {
    files('guess', ['OK/0.png', 'scratch/0.png', 'Masks/0.png']);
    assert.deepEqual(foldersIn(path('guess')), {
      good: [path('guess/OK')],
      bad: [path('guess/scratch')],
      masks: [path('guess/Masks')],
    });
    assert.equal(foldersIn(path('guess/scratch')), null);
  });
});
