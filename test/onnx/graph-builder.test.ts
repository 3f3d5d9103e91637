import assert from 'node:assert/strict';
import { GraphBuilder } from '../../src/lib/onnx/graph-builder';

describe('GraphBuilder', () => {
  it('writes nodes in order, with their attributes', () => {
    const graph = new GraphBuilder();
    const x = graph.input('x', 'float', ['batch', 3], 'a batch');
    const y = graph.node('y', 'Some', [x, '', graph.integers('axes', [1, -2])], {
      whole: 3,
      text: 'half_pixel',
      list: [1, 2],
    });
    graph.output(y, ['batch'], 'what comes out');
    const { node, initializer, input, output } = graph.finish('test');
    assert.deepEqual(node, [
      {
        name: 'y',
        opType: 'Some',
        input: ['x', '', 'axes'],
        output: ['y'],
        attribute: [
          { name: 'whole', type: 2, i: 3 },
          { name: 'text', type: 3, s: Buffer.from('half_pixel') },
          { name: 'list', type: 7, ints: [1, 2] },
        ],
      },
    ]);
    const [{ dims, dataType, rawData }] = initializer;
    assert.deepEqual({ dims, dataType }, { dims: [2], dataType: 7 });
    assert.deepEqual([...new BigInt64Array(rawData.slice().buffer)], [1n, -2n]);
    assert.deepEqual(input[0].type.tensorType.shape.dim, [{ dimParam: 'batch' }, { dimValue: 3 }]);
    assert.equal(output[0].name, 'y');
  });

  it('refuses a name that is taken, a value that is not there yet, and a wrong shape', () => {
    const graph = new GraphBuilder();
    const x = graph.input('x', 'float', [1], '');
    assert.throws(() => graph.node('x', 'Relu', [x]), /two values named "x"/);
    assert.throws(() => graph.node('y', 'Relu', ['z']), /no value named "z" so far/);
    assert.throws(() => graph.output('z', [1], ''), /no value named "z" so far/);
    assert.throws(
      () => graph.constant('c', [2, 3], new Float32Array(5)),
      /"c": expected 6 values for its shape, found 5/,
    );
  });
});
