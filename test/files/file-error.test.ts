import assert from 'node:assert/strict';
import { DatasetError } from '../../src/lib/data/folder';
import { FileError, ImageFileError } from '../../src/lib/files/file-error';
import { OnnxFileError } from '../../src/lib/onnx/metadata';
import { WeightFileError } from '../../src/lib/weights/named-arrays';

describe('FileError', () => {
  it('and all that are made from it tell the file, what was expected and what was found', () => {
    const cause = new Error('why');
    const kinds = { FileError, DatasetError, ImageFileError, OnnxFileError, WeightFileError };
    for (const [name, Kind] of Object.entries(kinds)) {
      const error = new Kind('a.png', 'an image', 'a text', { cause });
      assert.ok(error instanceof FileError);
      assert.equal(String(error), `${name}: a.png: expected an image, found a text`);
      const { file, expected, found } = error;
      assert.deepEqual([file, expected, found], ['a.png', 'an image', 'a text']);
      assert.equal(error.cause, cause);
      assert.match(error.stack ?? '', /file-error\.test\.ts/);
    }
  });
});
