import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { METADATA_KEY, OnnxFileError, readDetectorMetadata } from '../../src/lib/onnx/metadata';
import { exportDetector } from '../../src/lib/onnx/export';
import { GraphBuilder } from '../../src/lib/onnx/graph-builder';
import { decodeModel, encodeModel } from '../../src/lib/onnx/messages';
import type { ModelProto } from '../../src/lib/onnx/messages';
import { createOnnxDetector, openOnnxDetector } from '../../src/lib/onnx/onnx-detector';
import { temporaryFolder } from '../data/temporary-folder';
import { backboneArrays } from '../models/fill';
import { description } from './description';

/** A whole ONNX file that doubles its input. */
function otherModel(metadata: Record<string, string>): Uint8Array {
  const graph = new GraphBuilder();
  const x = graph.input('x', 'float', [2], '');
  graph.output(graph.node('y', 'Add', [x, x]), [2], '');
  const model: ModelProto = {
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    producerName: 'test',
    producerVersion: '1',
    docString: '',
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph: graph.finish('double'),
  };
  return encodeModel(model);
}

describe('a file that is no exported detector', () => {
  const { path } = temporaryFolder();

  const refuses = (bytes: Uint8Array, message: RegExp) =>
    assert.throws(
      () => readDetectorMetadata(bytes, 'some.onnx'),
      (error: Error) => {
        assert.ok(error instanceof OnnxFileError);
        assert.match(error.message, /^some\.onnx: expected /);
        assert.match(error.message, message);
        return true;
      },
    );

  it('may not be there, or be a folder', async () => {
    const missing = path('missing.onnx');
    await assert.rejects(openOnnxDetector(missing), /missing\.onnx: expected .*, found no such/);
    await assert.rejects(
      openOnnxDetector(path('.')),
      /expected an exported detector, found a folder/,
    );
  });

  it('may be of another kind, or empty', () => {
    refuses(Buffer.from('<!doctype html><title>Not found</title>'), /an ONNX file, found 39 bytes/);
    refuses(Buffer.alloc(100), /an ONNX file, found 100 bytes/);
    refuses(new Uint8Array(), /an ONNX file, found 0 bytes/);
  });

  it('may be of a later version', () => {
    const later = otherModel({ [METADATA_KEY]: JSON.stringify({ formatVersion: 4 }) });
    refuses(later, /metadata of version 3, found version 4, which a later stfpm-lab has written/);
  });

  it('may be another network', () => {
    refuses(otherModel({ author: 'me' }), /with "stfpm_detector" in its metadata, found an ONNX/);
  });

  it('may have a description that is damaged or of another version', () => {
    refuses(otherModel({ [METADATA_KEY]: '{' }), /expected JSON as "stfpm_detector", found/);
    refuses(otherModel({ [METADATA_KEY]: '{"imageSize": "large"}' }), /found .*imageSize: /);
  });

  it('may be cut short', async () => {
    const whole = exportDetector(
      { teacher: backboneArrays(200), student: backboneArrays(300) },
      description(),
    );
    refuses(whole.subarray(0, whole.length / 2), /an ONNX file, found \d+ bytes/);
    assert.equal(readDetectorMetadata(whole, 'whole').imageSize, 64);
    const file = path('half.onnx');
    fs.writeFileSync(file, whole.subarray(0, 1000));
    await assert.rejects(openOnnxDetector(file), /half\.onnx: expected an ONNX file/);
  });

  it('may not be what it says of itself: that is seen when it is opened', async () => {
    const arrays = { teacher: backboneArrays(200), student: backboneArrays(300) };
    const refused = (model: Uint8Array, message: RegExp) =>
      assert.rejects(createOnnxDetector(model, 'other.onnx'), { name: 'OnnxFileError', message });
    await refused(
      exportDetector(arrays, description({ imageSize: 72 })),
      /other\.onnx: expected images whose sides are multiples of 16, found 72 x 72/,
    );
    // A graph of pictures of one size only: that of the description, or none.
    const model = decodeModel(exportDetector(arrays, description()));
    const [input] = model.graph.input;
    const fixed = (sides: number[]) => {
      const dims = sides.map((dimValue) => ({ dimValue }));
      input.type.tensorType.shape.dim = [{ dimParam: 'batch' }, ...dims];
      return encodeModel(model);
    };
    await (await createOnnxDetector(fixed([64, 64, 3]), 'one.onnx')).dispose();
    await refused(
      fixed([32, 64, 3]),
      /expected a graph that takes uint8 images \[batch, 64, 64, 3\], found uint8 images \[batch, 32, 64, 3\]/,
    );
  });

  it('may have a graph that cannot be run', async () => {
    const metadata = { ...description(), sideMultiple: 16, margin: 0, autoEncoder: null };
    const model = otherModel({ [METADATA_KEY]: JSON.stringify(metadata) });
    const operator = Buffer.from(model).indexOf('Add');
    model.set(Buffer.from('Odd'), operator);
    await assert.rejects(
      createOnnxDetector(model, 'odd.onnx'),
      /^OnnxFileError: odd\.onnx: expected a graph that ONNX Runtime can run, found .*Odd/,
    );
  });
});
