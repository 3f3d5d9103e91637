import assert from 'node:assert/strict';
import { GraphBuilder } from '../../src/lib/onnx/graph-builder';
import { encodeModel } from '../../src/lib/onnx/messages';
import { packModel } from '../../src/lib/onnx/pack-model';
import { unpackModel } from '../../src/lib/onnx/unpack-model';
import { openSession } from '../../src/lib/onnx/runtime';
import { Random } from '../../src/lib/random/random';

describe('a model packed for a page', () => {
  const random = Random.fromSeed(3);
  const normal = (count: number, size: number) =>
    Float32Array.from(
      { length: count },
      () => size * (random.uniform(-1, 1) + random.uniform(-1, 1)),
    );
  const large = normal(400 * 300, 0.1);
  const small = normal(40 * 40, 3);
  // A row of zeros, as a dead channel has.
  small.fill(0, 40, 80);
  const few = normal(7, 1);
  const graph = new GraphBuilder();
  const images = graph.input('images', 'uint8', ['batch', 'height', 'width', 3], '');
  graph.constant('large', [400, 300], large);
  graph.constant('small', [40, 40], small);
  graph.constant('few', [7], few);
  graph.integers('whole', [1, 2, 3]);
  const cast = graph.node('cast', 'Cast', [images], { to: 1 });
  const bytes = encodeModel({
    ...{ irVersion: 8, opsetImport: [{ domain: '', version: 17 }], docString: '' },
    ...{ producerName: 'test', producerVersion: '1', metadataProps: [{ key: 'k', value: 'v' }] },
    graph: (graph.output(cast, ['batch'], ''), graph.finish('test')),
  });
  const at = (file: Uint8Array, values: Float32Array) => {
    const start = Buffer.from(bytes).indexOf(Buffer.from(values.buffer));
    assert.ok(start > 0);
    return new Float32Array(file.slice(start, start + values.byteLength).buffer);
  };

  it('comes back to the byte with 32 bits a weight', () => {
    const { packed, content } = packModel(bytes, 32);
    assert.equal(packed.tensors.length, 2);
    assert.ok(Buffer.from(unpackModel(packed, content)).equals(bytes));
  });

  it('differs in its weights alone with fewer, by half a step at most, and less where a tensor is small', async () => {
    for (const bits of [18, 19, 24]) {
      const { packed, content } = packModel(bytes, bits);
      const file = unpackModel(packed, content);
      assert.equal(file.length, bytes.length);
      for (const [values, columns, width] of [
        [large, 300, bits],
        [small, 40, Math.min(24, bits + 3)],
      ] as const) {
        const found = at(file, values);
        for (let row = 0; row < values.length; row += columns) {
          const original = values.subarray(row, row + columns);
          const largest = original.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
          const step = largest / (2 ** (width - 1) - 1);
          original.forEach((value, i) => {
            const error = Math.abs(found[row + i] - value);
            assert.ok(error <= step * 0.5 + largest * 2 ** -23, `${bits} bits: off by ${error}`);
          });
        }
      }
      assert.notDeepEqual(at(file, large), large);
      assert.deepEqual(at(file, few), few);
      const session = await openSession(file);
      await session.dispose();
    }
  });

  it('takes fewer bytes the fewer bits there are', () => {
    const size = (bits: number) => packModel(bytes, bits).content.length;
    assert.ok(size(18) < size(19) && size(24) < size(32));
  });

  it('is refused when it is cut short, or holds what is no number', () => {
    const { packed, content } = packModel(bytes, 20);
    assert.throws(() => unpackModel(packed, content.subarray(1)), /expected \d+ bytes, found \d+/);
    const broken = Buffer.from(bytes);
    const start = broken.indexOf(Buffer.from(large.buffer));
    broken.writeFloatLE(NaN, start);
    assert.throws(() => packModel(broken, 20), /weights that are numbers/);
  });
});
