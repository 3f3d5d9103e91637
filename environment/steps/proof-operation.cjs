// Loads TensorFlow, multiplies two matrices and writes {tensorflow, gpu} as JSON. Plain Node: it
// proves the engine, not the lab's own code.
const nodeUtil = require('node:util');
// tfjs-node calls this; Node 23 removed it.
if (!('isNullOrUndefined' in nodeUtil)) {
  Object.assign(nodeUtil, {
    isNullOrUndefined: (/** @type {unknown} */ value) => value === null || value === undefined,
  });
}
const tf = require('@tensorflow/tfjs-node-gpu');

const product = tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6, 7, 8], [2, 2]));
const found = Array.from(product.dataSync());
const expected = [19, 22, 43, 50];
if (expected.some((value, i) => value !== found[i])) {
  throw new Error(`a matrix product should be ${expected} and is ${found}`);
}
/** @typedef {{ isUsingGpuDevice: boolean, binding: { TF_Version: string } }} NativeBackend */
const backend = /** @type {NativeBackend} */ (/** @type {unknown} */ (tf.backend()));
const result = { tensorflow: backend.binding.TF_Version, gpu: backend.isUsingGpuDevice };
process.stdout.write(JSON.stringify(result));
