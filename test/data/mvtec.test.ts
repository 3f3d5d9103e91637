import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { listMvtecCategories, readMvtecCategory } from '../../src/lib/data/mvtec';
import { temporaryFolder } from './temporary-folder';

/** A category of three train images and one image of each of two defects. */
const COMPLETE = [
  'train/good/000.png',
  'train/good/2.PNG',
  'train/good/10.jpg',
  'test/good/000.png',
  'test/scratch/000.png',
  'test/dent/000.tiff',
  'ground_truth/scratch/000_mask.png',
  'ground_truth/dent/000_mask.PNG',
];

describe('readMvtecCategory', () => {
  const { path, write } = temporaryFolder();

  function category(name: string, files: string[]): string {
    for (const file of files) write(`${name}/${file}`, 'never decoded here');
    return name;
  }

  function warnings(name: string): string[] {
    return readMvtecCategory(path(), name).warnings.map((warning) => {
      assert.ok(warning.startsWith(`${path(name)}: `), warning);
      return warning.slice(path(name).length + 2);
    });
  }

  it('reads a complete category, sorted by defect and by name, numbers by value', () => {
    category('widget', COMPLETE);
    const dataset = readMvtecCategory(path(), 'widget', { strict: true });
    assert.equal(dataset.root, path());
    assert.equal(dataset.category, 'widget');
    assert.deepEqual(dataset.warnings, []);
    const names = (file: string | null) => file && relative(path('widget'), file);
    assert.deepEqual(
      dataset.train.map(({ file, split, label, defect }) => [names(file), split, label, defect]),
      [
        ['train/good/000.png', 'train', 0, 'good'],
        ['train/good/2.PNG', 'train', 0, 'good'],
        ['train/good/10.jpg', 'train', 0, 'good'],
      ],
    );
    assert.deepEqual(
      dataset.test.map(({ file, defect, label, maskFile }) => [
        names(file),
        defect,
        label,
        names(maskFile),
      ]),
      [
        ['test/dent/000.tiff', 'dent', 1, 'ground_truth/dent/000_mask.PNG'],
        ['test/good/000.png', 'good', 0, null],
        ['test/scratch/000.png', 'scratch', 1, 'ground_truth/scratch/000_mask.png'],
      ],
    );
    assert.ok(
      dataset.test.every(({ category, split }) => category === 'widget' && split === 'test'),
    );
  });

  it('takes the folder of the category itself for a root', () => {
    category('gadget', COMPLETE);
    assert.deepEqual(
      readMvtecCategory(path('gadget'), 'gadget'),
      readMvtecCategory(path(), 'gadget'),
    );
  });

  it('pairs masks that are named as their image, as other data sets do', () => {
    category('plain', [...COMPLETE, 'test/dent/7.png', 'ground_truth/dent/7.bmp']);
    const { test, warnings } = readMvtecCategory(path(), 'plain');
    const sample = test.find(({ file }) => file.endsWith('7.png'));
    assert.equal(basename(sample?.maskFile ?? ''), '7.bmp');
    assert.deepEqual(warnings, []);
  });

  it('names all defect images without a mask in one warning, and keeps them', () => {
    category('bare', [...COMPLETE, 'test/scratch/001.png', 'test/spot/000.png']);
    const { test } = readMvtecCategory(path(), 'bare');
    assert.deepEqual(
      test.filter(({ label, maskFile }) => label === 1 && maskFile === null).length,
      2,
    );
    assert.deepEqual(warnings('bare'), [
      '2 defect images without a mask, scored at image level and left out of the pixel metrics: ' +
        'scratch/001.png and spot/000.png',
    ]);
  });

  it('cuts a long list of names', () => {
    const many = Array.from({ length: 30 }, (_, i) => `test/spot/${i}.png`);
    category('many', [...COMPLETE, ...many]);
    assert.match(warnings('many')[0], /^30 defect images .*: spot\/0\.png, .*19\.png and 10 more$/);
  });

  it('names masks without an image in one warning', () => {
    const orphans = ['ground_truth/dent/001_mask.png', 'ground_truth/crack/003_mask.png'];
    category('orphans', [...COMPLETE, ...orphans]);
    assert.deepEqual(warnings('orphans'), [
      '2 masks without an image, not used: dent/001_mask.png and crack/003_mask.png',
    ]);
  });

  it('never trains on anything but train/good', () => {
    category('leaky', [...COMPLETE, 'train/dent/000.png']);
    assert.equal(readMvtecCategory(path(), 'leaky').train.length, 3);
    assert.deepEqual(warnings('leaky'), [
      'train holds folders other than good, not used for training: dent',
    ]);
  });

  it('leaves hidden files aside, reads folders below, and warns of other files', () => {
    const odd = [
      'train/good/.DS_Store',
      'train/good/Thumbs.db',
      'test/dent/notes.txt',
      'test/good/old/000.png',
      'test/loose.png',
      'ground_truth/dent/readme.md',
    ];
    category('messy', [...COMPLETE, ...odd]);
    const { train, test } = readMvtecCategory(path(), 'messy');
    assert.equal(train.length, 3);
    assert.ok(test.some(({ file, label }) => file.endsWith('old/000.png') && label === 0));
    assert.deepEqual(warnings('messy'), [
      'images outside a good or defect folder, not read: test/loose.png',
      'files whose names are not those of images, not read (1 .db, 1 .md and 1 .txt): train/good/Thumbs.db, test/dent/notes.txt and ' +
        'ground_truth/dent/readme.md',
    ]);
  });

  it('asks nothing of ground_truth/good', () => {
    category('zeros', [...COMPLETE, 'ground_truth/good/000_mask.png']);
    const { test, warnings } = readMvtecCategory(path(), 'zeros');
    assert.deepEqual(warnings, []);
    assert.equal(test.find(({ label }) => label === 0)?.maskFile, null);
  });

  it('warns when there is nothing to test on', () => {
    category('untested', ['train/good/000.png']);
    assert.deepEqual(warnings('untested'), [
      'no image in test/good, so that most metrics cannot be computed',
      'no defect image in test, so that most metrics cannot be computed',
    ]);
  });

  it('refuses with strict what it else warns of', () => {
    category('strict', [...COMPLETE, 'test/spot/000.png', 'ground_truth/dent/9_mask.png']);
    assert.throws(() => readMvtecCategory(path(), 'strict', { strict: true }), {
      name: 'DatasetError',
      message:
        `${path('strict')}: expected a complete category (strict), found 1 defect image without ` +
        'a mask, scored at image level and left out of the pixel metrics: spot/000.png; ' +
        '1 mask without an image, not used: dent/9_mask.png',
    });
  });

  it('refuses two images, or two masks, of one name', () => {
    category('twins', [...COMPLETE, 'test/dent/000.png']);
    assert.throws(() => readMvtecCategory(path(), 'twins'), {
      name: 'DatasetError',
      message: `${path('twins/test/dent')}: expected one file for '000', found 000.png and 000.tiff`,
    });
    category('masks', [...COMPLETE, 'ground_truth/dent/000.bmp']);
    assert.throws(() => readMvtecCategory(path(), 'masks'), /one file for '000', found 000/);
  });

  describe('refuses, saying what is there,', () => {
    const layout = 'an MVTec AD folder: <category>/train/good with images, or a category itself';
    const images = 'PNG, JPEG, BMP, TIFF, WebP, GIF, AVIF or PGM/PPM images to train on';

    function refused(root: string, name: string, expected: string, found: string, at = root) {
      assert.throws(() => readMvtecCategory(root, name), {
        name: 'DatasetError',
        message: `${at}: expected ${expected}, found ${found}`,
      });
    }

    before(() => {
      for (const name of ['bottle', 'leather']) category(`set/${name}`, COMPLETE);
    });

    it('a missing root', () => {
      refused(path('nowhere'), 'bottle', layout, 'no such folder');
    });

    it('a file for a root', () => {
      refused(write('archive.tar.xz', 'x'), 'bottle', layout, 'a file');
    });

    it('an empty root', () => {
      mkdirSync(path('empty'));
      refused(path('empty'), 'bottle', layout, 'an empty folder');
    });

    it('a root that holds something else', () => {
      write('photos/a.png', '');
      write('photos/b.txt', '');
      write('photos/holiday/c.png', '');
      const found = '1 folder, 1 image, 1 other file (1 .txt) (holiday)';
      refused(path('photos'), 'bottle', layout, found);
    });

    it('a misspelt category, with the name that was meant', () => {
      const found = "bottle and leather; did you mean 'bottle'?";
      refused(path('set'), 'Botle', "a category 'Botle'", found);
    });

    it('an unknown category', () => {
      refused(path('set'), 'transistor', "a category 'transistor'", 'bottle and leather');
      refused(path('set'), '', "a category ''", 'bottle and leather');
      refused(path('set'), '../set/bottle', "a category '../set/bottle'", 'bottle and leather');
    });

    it('another category than the one given as root', () => {
      refused(path('set/bottle'), 'leather', "a category 'leather'", 'bottle');
    });

    it('a category without train/good', () => {
      category('untrained', ['train/dent/000.png', 'test/good/000.png']);
      const at = path('untrained/train/good');
      refused(path(), 'untrained', images, 'no such folder', at);
    });

    it('a category without an image to train on', () => {
      mkdirSync(path('hollow/train/good'), { recursive: true });
      refused(path(), 'hollow', images, 'an empty folder', path('hollow/train/good'));
      category('texts', ['train/good/list.txt']);
      refused(path(), 'texts', images, '1 other file (1 .txt)', path('texts/train/good'));
    });
  });
});

describe('listMvtecCategories', () => {
  const { path, write } = temporaryFolder();

  it('lists the folders that hold train/good', () => {
    for (const name of ['zipper', 'bottle', '.hidden']) write(`${name}/train/good/0.png`, '');
    write('notes/readme.txt', '');
    write('license.txt', '');
    assert.deepEqual(listMvtecCategories(path()), ['bottle', 'zipper']);
  });

  it('takes the folder of one category for a root with just this one', () => {
    write('cable/train/good/0.png', '');
    assert.deepEqual(listMvtecCategories(path('cable')), ['cable']);
  });

  it('refuses a folder without any', () => {
    assert.throws(() => listMvtecCategories(path('absent')), /found no such folder$/);
  });
});
