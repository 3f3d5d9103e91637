import assert from 'node:assert/strict';
import { ParameterStore } from '../../src/lib/models/parameter-store';
import type { NamedArrays } from '../../src/lib/weights/named-arrays';
import { tensorCount } from '../engine/tensor-count';

const arrays = (first: number): NamedArrays =>
  new Map([
    ['conv.weight', { shape: [1, 2, 1, 1], data: Float32Array.of(first, 2) }],
    ['bn.running_mean', { shape: [1], data: Float32Array.of(3) }],
    ['bn.bias', { shape: [1], data: Float32Array.of(4) }],
  ]);

describe('ParameterStore', () => {
  it('tells parameters, which are trained, from the buffers of batch norms', () => {
    const store = ParameterStore.fromArrays(arrays(1));
    assert.deepEqual([...store.parameters.keys()], ['conv.weight', 'bn.bias']);
    assert.deepEqual([...store.buffers.keys()], ['bn.running_mean']);
    assert.equal(store.parameters.get('bn.bias')?.trainable, true);
    assert.equal(store.buffers.get('bn.running_mean')?.trainable, false);
    assert.equal(store.size, 3);
    store.dispose();
  });

  it('gives a parameter or buffer by name, and says which one it does not have', () => {
    const store = ParameterStore.fromArrays(arrays(1));
    assert.deepEqual(store.get('conv.weight').shape, [1, 1, 2, 1]);
    assert.equal(store.get('bn.running_mean').dataSync()[0], 3);
    assert.throws(() => store.get('bn.weight'), /No parameter or buffer is named "bn.weight"/);
    store.dispose();
  });

  it('takes all values of another network and gives them back', () => {
    const store = ParameterStore.fromArrays(arrays(1));
    store.assign(new Map([...arrays(7), ['extra', { shape: [], data: Float32Array.of(0) }]]));
    const expected = arrays(7);
    assert.deepEqual(Object.fromEntries(store.toArrays()), Object.fromEntries(expected));
    store.dispose();
  });

  it("takes another network's values without a copy, and leaves them alone when its own change", () => {
    const [store, other] = [arrays(1), arrays(7)].map((values) =>
      ParameterStore.fromArrays(values),
    );
    const before = tensorCount();
    store.copyFrom(other);
    assert.deepEqual(tensorCount().tensors, before.tensors);
    assert.deepEqual(store.toArrays(), other.toArrays());
    store.assign(arrays(2));
    assert.deepEqual(other.toArrays(), arrays(7));
    other.dispose();
    assert.deepEqual(store.toArrays(), arrays(2));
    store.dispose();
  });

  it('changes nothing when an array is missing or has another shape', () => {
    const store = ParameterStore.fromArrays(arrays(1));
    const missing = arrays(7);
    missing.delete('bn.bias');
    assert.throws(() => store.assign(missing), /"bn.bias" should have shape \[1\], found nothing/);
    const wrong = arrays(7).set('bn.bias', { shape: [2], data: new Float32Array(2) });
    assert.throws(() => store.assign(wrong), /"bn.bias" should have shape \[1\], found \[2\]/);
    assert.equal(store.get('conv.weight').dataSync()[0], 1);
    store.dispose();
  });

  it('gives back every tensor when disposed of', () => {
    const before = tensorCount();
    const store = ParameterStore.fromArrays(arrays(1));
    store.assign(arrays(2));
    store.toArrays();
    store.dispose();
    assert.deepEqual(tensorCount(), before);
  });
});
