import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { basename } from 'node:path';
import { readImageFolder } from '../../src/lib/data/folder';
import { temporaryFolder } from './temporary-folder';

describe('readImageFolder', () => {
  const { path, write } = temporaryFolder();

  it('takes the images of a folder in natural order, and nothing else', () => {
    const names = ['part 10.png', 'part 2.JPG', 'part 1.bmp', 'Part 3.tif', '.x.png', 'notes.txt'];
    for (const name of names) write(`mine/${name}`, '');
    write('mine/more/deeper.png', '');
    const samples = readImageFolder(path('mine'));
    assert.deepEqual(
      samples.map(({ file }) => basename(file)),
      ['part 1.bmp', 'part 2.JPG', 'Part 3.tif', 'part 10.png'],
    );
    assert.deepEqual(samples[0], {
      file: path('mine/part 1.bmp'),
      category: 'mine',
      split: 'test',
      defect: 'good',
      label: 0,
      maskFile: null,
    });
    assert.equal(readImageFolder(path('mine'), { split: 'train' })[3].split, 'train');
  });

  it('refuses a folder without images, saying what is there', () => {
    const refused = (folder: string, found: string) =>
      assert.throws(() => readImageFolder(folder), {
        name: 'DatasetError',
        message: `${folder}: expected a folder of PNG, JPEG, BMP, TIFF, WebP, GIF, AVIF or PGM/PPM images, found ${found}`,
      });
    refused(path('none'), 'no such folder');
    refused(write('single.png', ''), 'a file');
    mkdirSync(path('void'));
    refused(path('void'), 'an empty folder');
    write('nested/train/0.png', '');
    write('nested/test/0.png', '');
    refused(path('nested'), '2 folders (test, train)');
  });
});
